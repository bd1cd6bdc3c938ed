import postgres from 'postgres';
import { afterAll, describe, expect, test } from 'vitest';
import type { User } from '@/db/schema/users';
import { cast } from '../support/cast';

/** What holds when every check above the database is taken away. */
const sql = postgres(String(process.env.DATABASE_URL), { max: 4, onnotice: () => {} });
afterAll(() => sql.end());

const LOSSES: [string, (user: User, on: postgres.Sql) => Promise<unknown>][] = [
  ['the role', (user, on) => on`update users set role = 'standard_user' where id = ${user.id}`],
  ['the activity', (user, on) => on`update users set status = 'deactivated' where id = ${user.id}`],
  ['the password', (user, on) => on`update users set password_hash = null where id = ${user.id}`],
  ['the row', (user, on) => on`delete from users where id = ${user.id}`],
];

describe('the database keeps an admin who can sign in', () => {
  test.each(LOSSES)('when the last one would lose %s', async (_, lose) => {
    const { globex } = await cast();
    await expect(lose(globex.mallory, sql)).rejects.toThrow('would have no Tenant Admin who can sign in');
  });

  test.each(LOSSES)('and lets one of two lose %s', async (_, lose) => {
    const { acme } = await cast();
    await lose(acme.grace, sql);
    await expect(lose(acme.ada, sql)).rejects.toThrow('would have no Tenant Admin');
  });

  test('when two transactions take one each at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const { acme } = await cast();
      const demote = (user: User) =>
        sql.begin((tx) => tx`update users set role = 'standard_user' where id = ${user.id}`);
      const outcomes = await Promise.allSettled([demote(acme.ada), demote(acme.grace)]);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  });

  test('when SAML is the last one’s only way in, and is switched off or taken from them', async () => {
    const { globex } = await cast();
    const { id } = globex.mallory;
    await sql`update tenants set saml = 'enabled' where id = ${globex.tenant.id}`;
    await sql`update users set saml_enabled = true where id = ${id}`;
    await sql`update users set password_hash = null where id = ${id}`;
    await expect(sql`update users set saml_enabled = false where id = ${id}`).rejects.toThrow('would have no');
    await expect(sql`update tenants set saml = 'off' where id = ${globex.tenant.id}`).rejects.toThrow('would have no');
    await sql`update tenants set saml = 'required' where id = ${globex.tenant.id}`;
  });

  test('when SAML is required, and no password that still opens something is left', async () => {
    const { globex } = await cast();
    const demand = () => sql`update tenants set saml = 'required' where id = ${globex.tenant.id}`;
    await sql`update tenants set saml = 'enabled' where id = ${globex.tenant.id}`;
    await expect(demand()).rejects.toThrow('would have no Tenant Admin who can sign in');
    await sql`update users set break_glass = true where id = ${globex.mallory.id}`;
    await demand();
    await expect(sql`update users set break_glass = false where id = ${globex.mallory.id}`).rejects.toThrow(
      'would have no',
    );
  });

  test('when one transaction requires SAML and another takes the only break-glass admin', async () => {
    for (let round = 0; round < 5; round++) {
      const { acme } = await cast();
      await sql`update tenants set saml = 'enabled' where id = ${acme.tenant.id}`;
      await sql`update users set break_glass = true where id = ${acme.ada.id}`;
      const outcomes = await Promise.allSettled([
        sql.begin((tx) => tx`update tenants set saml = 'required' where id = ${acme.tenant.id}`),
        sql.begin((tx) => tx`update users set status = 'deactivated' where id = ${acme.ada.id}`),
      ]);
      expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    }
  });

  test('and asks at the commit, so that one may take over from the other in one transaction', async () => {
    const { globex } = await cast();
    await sql.begin(async (tx) => {
      await tx`update users set role = 'standard_user' where id = ${globex.mallory.id}`;
      await tx`update users set role = 'tenant_admin' where id = ${globex.otto.id}`;
    });
  });
});
