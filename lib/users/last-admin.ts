import { and, count, eq, isNotNull, ne, type SQL, sql } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import type { SAML_MODES } from '@/db/schema/tenants';
import { tenants } from '@/db/schema/tenants';
import { type User, users } from '@/db/schema/users';
import { mayUsePassword } from './password-allowed';

export type SamlMode = (typeof SAML_MODES)[number];

/**
 * The one place that asks whether a tenant keeps an admin. An admin counts when active and able to sign in: by a password
 * that still opens something, or by SAML where that is on. A deed asks under the tenant's lock (`tenantTransaction`), so
 * that the answer still holds at its commit; the triggers of migration 0014 are the wall behind it, and change with this.
 */
export const administers = (
  user: Pick<User, 'role' | 'status' | 'passwordHash' | 'breakGlass' | 'samlEnabled'>,
  saml: SamlMode,
): boolean =>
  user.role === 'tenant_admin' &&
  user.status === 'active' &&
  ((user.passwordHash !== null && mayUsePassword(user, saml)) || (user.samlEnabled && saml !== 'off'));

const adminsWhere = (on: Tx | typeof db, tenantId: string, saml: SQL, rest?: SQL) =>
  on
    .select({ id: users.id })
    .from(users)
    .innerJoin(tenants, eq(tenants.id, users.tenantId))
    .where(
      and(eq(users.tenantId, tenantId), eq(users.role, 'tenant_admin'), sql`can_administer(${users}, ${saml})`, rest),
    );

const countWhere = async (on: Tx | typeof db, tenantId: string, saml: SQL): Promise<number> => {
  const [row] = await on.select({ n: count() }).from(adminsWhere(on, tenantId, saml).as('admins'));
  return row?.n ?? 0;
};

/** `can_administer` asks it too; written out, so that the planner sees that the index of sets fits. */
const ACTIVE = sql`${users.status} = 'active' and ${users.status} <> 'removed'`;

/** Of so many and more it is asked only whether there are more. */
export const MOST_ADMINS = 100;

/** Active Tenant Admins who can sign in, besides this person: as many as there are, or one more than `MOST_ADMINS`. */
export const countOtherAdmins = async (tenantId: string, userId: string, on: Tx | typeof db = db): Promise<number> =>
  (
    await adminsWhere(on, tenantId, sql`${tenants.saml}`, and(ne(users.id, userId), ACTIVE))
      // The order of the index of sets: without one, a few are looked for through the whole table.
      .orderBy(users.samlEnabled, users.mfa, users.emailKey)
      .limit(MOST_ADMINS + 1)
  ).length;

/** Whether somebody can put things right by a password where SAML alone opens the other accounts. */
export const hasBreakGlassAdmin = async (tenantId: string, on: Tx | typeof db = db): Promise<boolean> =>
  (
    await adminsWhere(
      on,
      tenantId,
      sql`${tenants.saml}`,
      and(users.breakGlass, isNotNull(users.passwordHash), ACTIVE),
    ).limit(1)
  ).length > 0;

export const countAdmins = (tenantId: string, on: Tx | typeof db = db): Promise<number> =>
  countWhere(on, tenantId, sql`${tenants.saml}`);

/** How many there would be if the tenant's sign-in by SAML were so. */
export const countAdminsUnder = (tenantId: string, saml: SamlMode, on: Tx | typeof db = db): Promise<number> =>
  countWhere(on, tenantId, sql`${saml}::saml_mode`);
