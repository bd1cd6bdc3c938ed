import { eq } from 'drizzle-orm';
import postgres from 'postgres';
import { renderToStaticMarkup } from 'react-dom/server';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { readPage } from '@/app/administration/access/users/read-page';
import { parseView, type RawParams } from '@/app/administration/access/users/search-params';
import { toRow } from '@/app/administration/access/users/user-row';
import { UsersTable } from '@/app/administration/access/users/users-table';
import { db } from '@/db/client';
import { newId } from '@/db/id';
import { invitations } from '@/db/schema/invitations';
import { type User, users } from '@/db/schema/users';
import type { Tenant } from '@/lib/tenants/find';
import { SORTS, STATUS_FILTERS } from '@/lib/users/list';
import { cast, newTenant, newUser } from '../../support/cast';
import { queriesOf } from '../../support/count-queries';

vi.mock('next/navigation', async (real) => ({ ...(await real<object>()), useRouter: () => ({}) }));

const NOW = new Date();
const DAY = 86_400_000;

const ids = (page: { rows: { id: string }[] }) => page.rows.map(({ id }) => id);
const read = (tenant: Tenant, params: RawParams = {}) => readPage(tenant.id, parseView(params), NOW);
const emails = async (tenant: Tenant, params: RawParams) =>
  (await read(tenant, params)).rows.map(({ email }) => email.split('@')[0]);

/** As the planner would choose if reading a whole table were never cheap, as in a large one. */
async function planOf({ query, parameters }: { query: string; parameters: unknown[] } = { query: '', parameters: [] }) {
  const sql = postgres(String(process.env.DATABASE_URL), { max: 1, connection: { enable_seqscan: 'off' } });
  const lines = await sql.unsafe(`explain ${query}`, parameters as never[]);
  await sql.end();
  return lines.map((line) => line['QUERY PLAN']).join('\n');
}

type Person = Partial<typeof users.$inferInsert>;

/** People as they would come to be in the course of time, without their commands. */
async function people(tenant: Tenant, many: Person[]): Promise<User[]> {
  return db
    .insert(users)
    .values(
      many.map((person, i) => ({
        id: newId(),
        tenantId: tenant.id,
        email: `p${i}@people.example`,
        role: 'standard_user' as const,
        status: 'active' as const,
        ...person,
      })),
    )
    .returning();
}

describe('the pages of a list', () => {
  let tenant: Tenant;
  const COUNT = 60;

  beforeAll(async () => {
    tenant = await newTenant();
    await people(
      tenant,
      Array.from({ length: COUNT }, (_, i) => ({
        email: `user${String((i * 37) % COUNT).padStart(2, '0')}@people.example`,
        firstName: ['Åsa', 'Bo', 'Émile', 'zoe'][i % 4],
        lastName: `Name ${i % 7}`,
        role: i % 10 === 0 ? ('tenant_admin' as const) : ('standard_user' as const),
        mfaEnabled: i % 3 === 0,
        samlEnabled: i % 5 === 0,
        status: i % 6 === 0 ? ('deactivated' as const) : ('active' as const),
        lastLoginAt: i % 4 === 0 ? null : new Date(NOW.getTime() - (i % 9) * DAY),
      })),
    );
  });

  test.each(SORTS.flatMap((sort) => [[sort, 'asc'] as const, [sort, 'desc'] as const]))(
    'by %s %s show everybody once, forwards and back again',
    async (sort, dir) => {
      const seen: string[] = [];
      const pages: string[][] = [];
      let params: RawParams = { sort, dir, size: '25' };
      for (;;) {
        const page = await read(tenant, params);
        pages.push(ids(page));
        seen.push(...ids(page));
        expect(page.total).toBe(String(COUNT));
        if (!page.after) break;
        params = { ...params, after: Buffer.from(JSON.stringify(page.after)).toString('base64url') };
      }
      expect(pages.map((page) => page.length)).toEqual([25, 25, 10]);
      expect(new Set(seen).size).toBe(COUNT);

      const last = await read(tenant, params);
      const back = Buffer.from(JSON.stringify(last.before)).toString('base64url');
      const { after: _, ...view } = params;
      expect(ids(await read(tenant, { ...view, before: back }))).toEqual(pages[1]);
    },
  );

  test('names are in the order people expect, accents and capitals aside', async () => {
    const names = (await read(tenant, { sort: 'firstName', size: '100' })).rows.map(({ firstName }) => firstName);
    expect([...new Set(names)]).toEqual(['Åsa', 'Bo', 'Émile', 'zoe']);
  });

  test('who never signed in comes first among the oldest logins', async () => {
    const first = (await read(tenant, { sort: 'lastLogin', size: '25' })).rows[0];
    expect(first?.lastLoginAt).toBeNull();
  });

  const cursorOf = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url');

  test.each(SORTS.flatMap((of) => SORTS.filter((sort) => sort !== of).map((sort) => [of, sort] as const)))(
    'a cursor of the order by %s is no error in the order by %s',
    async (of, sort) => {
      const cursor = cursorOf((await read(tenant, { sort: of, size: '25' })).after);
      for (const end of ['after', 'before']) {
        expect((await read(tenant, { sort, size: '25', [end]: cursor })).rows.length).toBeLessThanOrEqual(25);
      }
    },
  );

  const ID = newId();
  test.each([
    ['email', ['a@x.example', 'no id']],
    ['email', ['a\0@x.example', ID]],
    ['email', ['a@x.example', ID, ID]],
    ['email', []],
    ['role', ['boss', 'a@x.example', ID]],
    ['mfa', ['maybe', 'a@x.example', ID]],
    ['lastLogin', ['yesterday', ID]],
    ['lastLogin', ['2026-02-30 00:00:00+00', ID]],
    ['lastLogin', ['2026-01-01 24:00:00+00', ID]],
    ['lastName', 'rubbish'],
  ])('what is no place in the order by %s shows the first page: %o', async (sort, place) => {
    const first = await read(tenant, { sort, size: '25' });
    for (const end of ['after', 'before']) {
      const page = await read(tenant, { sort, size: '25', [end]: cursorOf(place) });
      expect([ids(page), page.before]).toEqual([ids(first), undefined]);
    }
  });
});

describe('one page of rows', () => {
  test('comes from one query, count, invitations and all', async () => {
    const { acme } = await cast();
    const { result: html, queries } = await queriesOf(async () =>
      renderToStaticMarkup(
        await UsersTable({ tenantId: acme.tenant.id, view: parseView({}), now: new Date(), timeZone: 'UTC' }),
      ),
    );
    expect(html).toContain(acme.ivy.email);
    expect(html).toContain('Invited · expires in 23 h');
    expect(html).toContain('5 of 5');
    expect(queries).toHaveLength(1);
  });

  test('holds nobody of another tenant', async () => {
    const { acme, globex } = await cast();
    const names = await emails(globex.tenant, {});
    expect(names).toEqual(['mallory', 'otto']);
    expect(await emails(globex.tenant, { q: acme.sam.email })).toEqual([]);
    expect(await emails(globex.tenant, { q: acme.sam.id })).toEqual([]);
  });

  test('says "n/a" of the second factor of somebody who can only sign in by SAML', async () => {
    const tenant = await newTenant();
    await people(tenant, [{ samlEnabled: true }]);
    const html = renderToStaticMarkup(
      await UsersTable({ tenantId: tenant.id, view: parseView({}), now: NOW, timeZone: 'UTC' }),
    );
    expect(html).toContain('Not applicable: signs in by SAML only');
  });
});

describe('filters', () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newTenant();
    await newUser(tenant, 'invited', { status: 'invited' });
    const at = (days: number) => new Date(NOW.getTime() - days * DAY);
    await people(tenant, [
      { email: 'admin@x.example', role: 'tenant_admin', lastLoginAt: at(1) },
      { email: 'mfa@x.example', mfaEnabled: true, lastLoginAt: at(40) },
      { email: 'saml@x.example', samlEnabled: true, lastLoginAt: at(70) },
      { email: 'off@x.example', status: 'deactivated', lastLoginAt: at(100) },
      { email: 'gone@x.example', status: 'removed', removedAt: NOW },
      { email: 'unasked@x.example', status: 'invited' },
    ]);
    const late = await newUser(tenant, 'late', { status: 'invited' });
    await db
      .update(invitations)
      .set({ expiresAt: at(1) })
      .where(eq(invitations.userId, late.id));
  });

  test.each([
    [{ status: 'active' }, ['admin', 'mfa', 'saml']],
    [{ status: 'invited' }, ['invited']],
    [{ status: 'expired' }, ['late']],
    [{ status: 'revoked' }, ['unasked']],
    [{ status: 'deactivated' }, ['off']],
    [{ status: 'removed' }, ['gone']],
    [{ role: 'tenant_admin' }, ['admin']],
    [{ mfa: 'yes' }, ['mfa']],
    [{ saml: 'yes' }, ['saml']],
    [{ saml: 'no', status: 'active' }, ['admin', 'mfa']],
    [{ login: 'never' }, ['invited', 'late', 'unasked']],
    [{ login: '30' }, ['mfa', 'off', 'saml']],
    [{ login: '60' }, ['off', 'saml']],
    [{ login: '90' }, ['off']],
    [{ status: 'nonsense' }, ['admin', 'invited', 'late', 'mfa', 'off', 'saml', 'unasked']],
  ])('%o', async (params, expected) => {
    expect(await emails(tenant, params)).toEqual(expected);
  });

  test.each([
    ['invited', /^Invited · expires in/],
    ['expired', /^Invitation expired$/],
    ['revoked', /^Invitation revoked$/],
  ])('who is found as %s is shown so', async (status, words) => {
    const { rows } = await read(tenant, { status });
    for (const row of rows) expect(toRow(row, NOW, 'UTC')[4]?.[1]).toMatch(words);
  });

  test.each(STATUS_FILTERS)('the status %s is found by indexes alone, in every order', async (status) => {
    for (const sort of SORTS) {
      const { statements } = await queriesOf(() => read(tenant, { status, sort }));
      const plan = await planOf(statements[0]);
      expect(plan).toContain('Index');
      expect(plan).not.toContain('Seq Scan');
    }
  });
});

describe('search', () => {
  let tenant: Tenant;
  let anna: User;
  beforeAll(async () => {
    tenant = await newTenant();
    const made = await people(tenant, [
      { email: 'Anna.Smith42@x.example', firstName: 'Anna', lastName: 'Smith', scimExternalId: '00u1a2b3c4' },
      { email: 'joanna@x.example', firstName: 'Joanna', lastName: "O'Neil" },
      { email: 'percent@x.example', firstName: '100%', lastName: 'A_B' },
    ]);
    anna = made[0] as User;
  });

  test.each([
    ['smith42', ['Anna.Smith42']],
    ['ANNA', ['Anna.Smith42', 'joanna']],
    ['anna smith', ['Anna.Smith42']],
    ['smith anna', ['Anna.Smith42']],
    ['an', ['Anna.Smith42']],
    ["o'neil", ['joanna']],
    ['0u1a2', ['Anna.Smith42']],
    ['100%', ['percent']],
    ['%%%', []],
    ['a_b', ['percent']],
    ['a_', ['percent']],
    ['\\', []],
    ['nobody', []],
  ])('“%s”', async (q, expected) => {
    expect(await emails(tenant, { q })).toEqual(expected);
  });

  test('finds a person by their user id', async () => {
    expect(await emails(tenant, { q: anna.id })).toEqual(['Anna.Smith42']);
    expect(await emails(tenant, { q: ` ${anna.id.toUpperCase()} ` })).toEqual(['Anna.Smith42']);
  });
});
