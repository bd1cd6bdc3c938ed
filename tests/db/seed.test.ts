import { and, asc, eq, gt, isNull, lte } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { invitations } from '@/db/schema/invitations';
import { mails } from '@/db/schema/mails';
import { sessions } from '@/db/schema/sessions';
import { type User, users } from '@/db/schema/users';
import { type Seeded, seed, settle } from '@/db/seed';
import { transaction } from '@/db/transaction';
import { hashToken, newToken } from '@/lib/crypto/tokens';
import { findOpenInvitation } from '@/lib/invitations/find-open';
import { newTotpSecret, sealTotp } from '@/lib/mfa/totp';
import type { Tenant } from '@/lib/tenants/find';
import { emailField, firstNameField, lastNameField } from '@/lib/users/fields';
import { newTenant } from '../support/cast';

const COUNT = 4_500;
const tokens = new Map<string, string>();

const newTotp = () => sealTotp(newTotpSecret());

function newLink() {
  const token = newToken();
  tokens.set(hashToken(token), token);
  return { tokenHash: hashToken(token), tokenSealed: 'sealed' };
}

const seeded = (tenant: Tenant, more: { randomSeed?: number; passwordHash?: string; count?: number } = {}) =>
  transaction((tx, now) =>
    seed(tx, now, { tenant, count: COUNT, randomSeed: 1, passwordHash: null, newLink, newTotp, ...more }),
  );

const peopleOf = (tenant: Tenant): Promise<User[]> =>
  db.select().from(users).where(eq(users.tenantId, tenant.id)).orderBy(asc(users.email));

const total = ({ active, invited, deactivated, removed }: Seeded) => active + invited + deactivated + removed;

describe('seed', () => {
  test('makes as many as asked, in the shares of a grown tenant, and counts what it made', async () => {
    const tenant = await newTenant();
    const made = await seeded(tenant);
    const people = await peopleOf(tenant);
    const having = (status: User['status']) => people.filter((user) => user.status === status).length;

    expect(total(made)).toBe(COUNT);
    expect(people).toHaveLength(COUNT);
    expect(made).toMatchObject({
      active: having('active'),
      invited: having('invited'),
      deactivated: having('deactivated'),
      removed: having('removed'),
      admins: people.filter(({ role }) => role === 'tenant_admin').length,
    });
    const share = (n: number) => n / COUNT;
    expect(share(made.active)).toBeCloseTo(0.88, 1);
    expect(share(made.invited)).toBeGreaterThan(0.03);
    expect(share(made.deactivated)).toBeGreaterThan(0.04);
    expect(share(made.removed)).toBeGreaterThan(0.004);
    expect(share(made.admins)).toBeLessThan(0.05);
    expect(made.admins).toBeGreaterThan(0);
  });

  test('everybody has a name and an address that a form would take, and no password', async () => {
    const tenant = await newTenant();
    await seeded(tenant);
    const people = await peopleOf(tenant);
    for (const { email, firstName, lastName, passwordHash } of people) {
      expect(emailField.safeParse(email).success, email).toBe(true);
      expect(firstNameField.min(1).safeParse(firstName).success).toBe(true);
      expect(lastNameField.min(1).safeParse(lastName).success).toBe(true);
      expect(passwordHash).toBeNull();
    }
    expect(new Set(people.map(({ email }) => email.toLowerCase())).size).toBe(COUNT);
    expect(people.some(({ firstName }) => /[^\x20-\x7e]/.test(firstName))).toBe(true);
    expect(people.find(({ firstName }) => firstName === 'Małgorzata')?.email).toMatch(/^malgorzata\./);
  });

  test('no past is impossible: nobody signed in before they came, after they went, or tomorrow', async () => {
    const tenant = await newTenant();
    await seeded(tenant);
    const now = new Date();
    for (const { createdAt, lastLoginAt, lastLoginMethod, removedAt, status } of await peopleOf(tenant)) {
      expect(createdAt <= now).toBe(true);
      expect(lastLoginAt === null).toBe(lastLoginMethod === null);
      if (status === 'invited') expect(lastLoginAt).toBeNull();
      if (lastLoginAt) expect(lastLoginAt >= createdAt && lastLoginAt <= (removedAt ?? now)).toBe(true);
    }
    const signedIn = await db
      .select({ user: users, session: sessions })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .where(eq(sessions.tenantId, tenant.id));
    expect(signedIn.length).toBeGreaterThan(0);
    for (const { user, session } of signedIn) {
      expect(user.status).toBe('active');
      expect(session.method).toBe(user.lastLoginMethod);
      expect(session.createdAt).toEqual(user.lastLoginAt);
      expect(session.lastSeenAt >= session.createdAt && session.lastSeenAt <= now).toBe(true);
    }
  });

  test('who is invited has an invitation, open or expired; an open link works, and no mail is sent', async () => {
    const tenant = await newTenant();
    const { invited } = await seeded(tenant);
    const now = new Date();
    const those = (condition: ReturnType<typeof gt>) =>
      db
        .select()
        .from(invitations)
        .where(and(eq(invitations.tenantId, tenant.id), isNull(invitations.revokedAt), condition));
    const open = await those(gt(invitations.expiresAt, now));
    const expired = await those(lte(invitations.expiresAt, now));
    expect(open.length).toBeGreaterThan(0);
    expect(expired.length).toBeGreaterThan(0);
    expect(open.length + expired.length).toBe(invited);

    const tokenOf = (invitation: (typeof open)[number] | undefined) => tokens.get(invitation?.tokenHash ?? '') ?? '';
    expect(await findOpenInvitation(tokenOf(open[0]))).toMatchObject({ userId: open[0]?.userId });
    expect(await findOpenInvitation(tokenOf(expired[0]))).toBeNull();
    expect(await db.select().from(mails).where(eq(mails.tenantId, tenant.id))).toEqual([]);
  });

  test('the same number makes the same people in another tenant, another number makes others', async () => {
    const [one, same, other] = [await newTenant(), await newTenant(), await newTenant()];
    await seeded(one, { randomSeed: 7, count: 300 });
    await seeded(same, { randomSeed: 7, count: 300 });
    await seeded(other, { randomSeed: 8, count: 300 });
    const known = async (tenant: Tenant) =>
      (await peopleOf(tenant)).map(({ email, firstName, role, status, mfaEnabled }) =>
        [email, firstName, role, status, mfaEnabled].join(),
      );
    expect(await known(same)).toEqual(await known(one));
    const others = new Set(await known(one));
    expect((await known(other)).filter((each) => others.has(each))).toEqual([]);
  });

  test('a second seeding with the same number makes nobody, and a longer one only the rest', async () => {
    const tenant = await newTenant();
    await seeded(tenant, { count: 2_500 });
    expect(await seeded(tenant, { count: 2_500 })).toMatchObject({ active: 0, invited: 0, removed: 0, sessions: 0 });
    expect(total(await seeded(tenant, { count: 2_600 }))).toBe(100);
    expect(await peopleOf(tenant)).toHaveLength(2_600);
  });

  test('a given password is everybody’s who could have one', async () => {
    const tenant = await newTenant();
    await seeded(tenant, { passwordHash: 'a hash', count: 500 });
    for (const { status, passwordHash } of await peopleOf(tenant)) {
      const has = status === 'active' || status === 'deactivated';
      expect(passwordHash).toBe(has ? 'a hash' : null);
    }
  });

  test('what is broken off leaves nobody behind', async () => {
    const tenant = await newTenant();
    let links = 0;
    const breaking = () => {
      if (++links > 150) throw new Error('the plug was pulled');
      return newLink();
    };
    const broken = transaction((tx, now) =>
      seed(tx, now, { tenant, count: COUNT, randomSeed: 1, passwordHash: null, newLink: breaking, newTotp }),
    );
    await expect(broken).rejects.toThrow('the plug was pulled');
    expect(await peopleOf(tenant)).toEqual([]);
  });

  test('afterwards no search reads a waiting list: the tables are vacuumed', async () => {
    const tenant = await newTenant();
    await seeded(tenant, { count: 100 });
    await settle();
    const [table] = await db.$client<{ isVacuumed: boolean }[]>`
      select pg_stat_get_vacuum_count('users'::regclass) > 0 as "isVacuumed"`;
    expect(table?.isVacuumed).toBe(true);
  });
});
