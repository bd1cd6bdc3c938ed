import { and, count, eq, isNotNull, ne, type SQL, sql } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import type { SAML_MODES } from '@/db/schema/tenants';
import { tenants } from '@/db/schema/tenants';
import { type User, users } from '@/db/schema/users';
import { mayUsePassword } from './password-allowed';

export type SamlMode = (typeof SAML_MODES)[number];

/**
 * The one place that decides whether a tenant keeps an admin. An admin counts if active and able to sign in: by a password that
 * still works, or by SAML if it is on. Commands ask under the tenant's lock (`tenantTransaction`), so that the answer still holds
 * at commit. The triggers of migration 0014 enforce the same rule; change them together with this.
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

/** `can_administer` checks it too. Repeated as literals, so that the planner can use the index of sets. */
const ACTIVE = sql`${users.status} = 'active' and ${users.status} <> 'removed'`;

/** Other admins are counted up to this number. */
export const MOST_ADMINS = 100;

/** Counts the active Tenant Admins who can sign in, besides this person; stops at `MOST_ADMINS` + 1. */
export const countOtherAdmins = async (tenantId: string, userId: string, on: Tx | typeof db = db): Promise<number> =>
  (
    await adminsWhere(on, tenantId, sql`${tenants.saml}`, and(ne(users.id, userId), ACTIVE))
      // In the order of the index of sets. Without an order, a few rows are searched for through the whole table.
      .orderBy(users.samlEnabled, users.mfa, users.emailKey)
      .limit(MOST_ADMINS + 1)
  ).length;

/** Whether an admin can still sign in by password to fix things if SAML is required for everybody else. */
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

/** How many there would be under this SAML mode. */
export const countAdminsUnder = (tenantId: string, saml: SamlMode, on: Tx | typeof db = db): Promise<number> =>
  countWhere(on, tenantId, sql`${saml}::saml_mode`);
