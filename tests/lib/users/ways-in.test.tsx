import { and, eq, sql } from 'drizzle-orm';
import postgres from 'postgres';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import { LockOutMeter } from '@/app/administration/access/lock-out-meter';
import { db } from '@/db/client';
import { newId } from '@/db/id';
import { auditHeads } from '@/db/schema/audit';
import { tenants } from '@/db/schema/tenants';
import { users } from '@/db/schema/users';
import { administers, type SamlMode } from '@/lib/users/last-admin';
import { findWaysIn, MANY, type WaysIn, waysInAt } from '@/lib/users/ways-in';
import { newTenant } from '../../support/cast';
import { queriesOf } from '../../support/count-queries';

type Person = Pick<typeof users.$inferInsert, 'role' | 'status' | 'passwordHash' | 'breakGlass' | 'samlEnabled'>;

const BOTH = [true, false];
/** Everybody there can be, as far as the rule looks at them. */
const KINDS: Person[] = (['tenant_admin', 'standard_user'] as const).flatMap((role) =>
  (['active', 'deactivated'] as const).flatMap((status) =>
    BOTH.flatMap((hasPassword) =>
      BOTH.flatMap((breakGlass) =>
        BOTH.map((samlEnabled) => ({ role, status, passwordHash: hasPassword ? 'x' : null, breakGlass, samlEnabled })),
      ),
    ),
  ),
);
const MODES: SamlMode[] = ['off', 'enabled', 'required'];

async function tenantOf(saml: SamlMode, people: Person[]) {
  const tenant = await newTenant();
  await db.update(tenants).set({ saml }).where(eq(tenants.id, tenant.id));
  if (people.length > 0)
    await db
      .insert(users)
      .values(
        people.map((person) => ({ ...person, id: newId(), tenantId: tenant.id, email: `${newId()}@ways.example` })),
      );
  return tenant;
}

describe('who can administer a tenant', () => {
  test.each(MODES)('is counted as the rule of the last admin does, with SAML %s', async (saml) => {
    for (const kind of KINDS) {
      const person = {
        ...kind,
        passwordHash: kind.passwordHash ?? null,
        breakGlass: !!kind.breakGlass,
        samlEnabled: !!kind.samlEnabled,
      };
      const { id } = await tenantOf(saml, [kind]);
      expect(await findWaysIn(id), JSON.stringify([saml, kind])).toEqual({
        admins: administers(person, saml) ? 1 : 0,
        withoutProvider: administers({ ...person, samlEnabled: false }, saml) ? 1 : 0,
        saml,
      });
    }
  });

  test('somebody with two ways in is one person, and of many no more are counted than is told', async () => {
    const both: Person = {
      role: 'tenant_admin',
      status: 'active',
      passwordHash: 'x',
      breakGlass: true,
      samlEnabled: true,
    };
    const { id } = await tenantOf('enabled', [both, { ...both, passwordHash: null }]);
    expect(await findWaysIn(id)).toMatchObject({ admins: 2, withoutProvider: 1 });
    const many = await tenantOf('enabled', Array<Person>(MANY + 2).fill(both));
    expect(await findWaysIn(many.id)).toMatchObject({ admins: MANY, withoutProvider: MANY });
  });

  test('one break-glass admin is found among any number of others', async () => {
    const plain: Person = {
      role: 'tenant_admin',
      status: 'active',
      passwordHash: 'x',
      breakGlass: false,
      samlEnabled: true,
    };
    const { id } = await tenantOf('required', [...Array<Person>(30).fill(plain), { ...plain, breakGlass: true }]);
    expect(await findWaysIn(id)).toMatchObject({ admins: MANY, withoutProvider: 1 });
  });

  test('is read from a few entries of two small indexes, by one query', async () => {
    const admin: Person = {
      role: 'tenant_admin',
      status: 'active',
      passwordHash: 'x',
      breakGlass: false,
      samlEnabled: true,
    };
    const { id } = await tenantOf('enabled', Array<Person>(400).fill(admin));
    await db.execute(sql`vacuum (analyze) users`);
    const { statements } = await queriesOf(() => findWaysIn(id));
    expect(statements).toHaveLength(1);
    const on = postgres(String(process.env.DATABASE_URL), { max: 1, connection: { enable_seqscan: 'off' } });
    const { query = '', parameters = [] } = statements[0] ?? {};
    const [row] = await on.unsafe(`explain (analyze, format json) ${query}`, parameters as never[]);
    await on.end();
    const scans: { index: string; rows: number }[] = [];
    const walk = (plan: Record<string, unknown>) => {
      if (plan['Index Name']) scans.push({ index: String(plan['Index Name']), rows: Number(plan['Actual Rows']) });
      expect(plan['Node Type']).not.toBe('Seq Scan');
      for (const each of (plan.Plans ?? []) as Record<string, unknown>[]) walk(each);
    };
    walk(row?.['QUERY PLAN'][0].Plan);
    const ofUsers = scans.filter(({ index }) => index.startsWith('users'));
    expect(ofUsers.map(({ index }) => index)).toContain('users_with_password');
    expect(ofUsers).toHaveLength(2);
    expect(ofUsers.every(({ rows }) => rows <= MANY)).toBe(true);
  });
});

describe('what was found', () => {
  const admin: Person = { role: 'tenant_admin', status: 'active', passwordHash: 'x', breakGlass: true };
  const second: Person = { ...admin, samlEnabled: true };
  const theSecond = (tenantId: string) => and(eq(users.tenantId, tenantId), eq(users.samlEnabled, true));
  const numberOf = async (tenantId: string) => {
    const [head] = await db
      .select({ listChanges: auditHeads.listChanges })
      .from(auditHeads)
      .where(eq(auditHeads.tenantId, tenantId));
    return Number(head?.listChanges ?? 0);
  };

  test('is not asked for again while nothing has changed', async () => {
    const { id } = await tenantOf('enabled', [admin, second]);
    const number = await numberOf(id);
    const { queries } = await queriesOf(() => waysInAt(id, number));
    const again = await queriesOf(() => waysInAt(id, number));
    expect([queries.length, again.queries.length]).toEqual([1, 0]);
    expect(again.result).toEqual(await findWaysIn(id));
  });

  test.each<[string, (tenantId: string) => PromiseLike<unknown>]>([
    ['a role', (id) => db.update(users).set({ role: 'standard_user' }).where(theSecond(id))],
    ['a password', (id) => db.update(users).set({ passwordHash: null }).where(theSecond(id))],
    ['a break-glass admin', (id) => db.update(users).set({ breakGlass: false }).where(theSecond(id))],
    ['how people sign in', (id) => db.update(tenants).set({ saml: 'required' }).where(eq(tenants.id, id))],
    ['somebody removed for good', (id) => db.delete(users).where(theSecond(id))],
  ])('is asked for again after a change of %s', async (_, change) => {
    const { id } = await tenantOf('enabled', [admin, second]);
    await waysInAt(id, await numberOf(id));
    await change(id);
    const { result, queries } = await queriesOf(async () => waysInAt(id, await numberOf(id)));
    expect(queries.length).toBeGreaterThan(0);
    expect(result).toEqual(await findWaysIn(id));
  });
});

describe('the meter', () => {
  const said = (ways: WaysIn) => {
    const html = renderToStaticMarkup(<LockOutMeter ways={ways} />);
    return {
      isRed: html.includes('data-tone="danger"'),
      words: html.replace(/<[^>]*>/g, ''),
      href: /href="([^"]*)"/.exec(html)?.[1],
    };
  };

  test.each<[WaysIn, boolean, string, string | undefined]>([
    [{ admins: 3, withoutProvider: 3, saml: 'off' }, false, '3 people can administer this tenant.', undefined],
    [
      { admins: 3, withoutProvider: 2, saml: 'enabled' },
      false,
      '3 people can administer this tenant, 2 without the identity provider.',
      undefined,
    ],
    [
      { admins: 4, withoutProvider: 4, saml: 'enabled' },
      false,
      '4 or more people can administer this tenant, as many without the identity provider.',
      undefined,
    ],
    [
      { admins: 1, withoutProvider: 1, saml: 'off' },
      true,
      'One step from a lock-out. 1 person can administer this tenant. Invite another admin',
      '/administration/access/users/invite',
    ],
    [
      { admins: 3, withoutProvider: 1, saml: 'required' },
      true,
      'One step from a lock-out when the identity provider is down. 3 people can administer this tenant, 1 without the identity provider. Name break-glass admins',
      '/administration/access/saml/require',
    ],
    [
      { admins: 3, withoutProvider: 0, saml: 'enabled' },
      true,
      'Locked out when the identity provider is down. 3 people can administer this tenant, nobody without the identity provider. Invite an admin with a password',
      '/administration/access/users/invite',
    ],
  ])('says %o', (ways, isRed, words, href) => {
    expect(said(ways)).toEqual({ isRed, words, href });
  });
});
