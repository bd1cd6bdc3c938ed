import { and, count, eq, isNotNull, ne } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { type User, users } from '@/db/schema/users';

/**
 * The one place that asks whether a tenant keeps an admin. An admin counts when active and able to sign in. A deed asks
 * under the tenant's lock (`tenantTransaction`), so that the answer still holds at its commit; the trigger of migration
 * 0002 is the wall behind it. When sign-in by SAML counts too, both change together.
 */
const canAdminister = () =>
  and(eq(users.role, 'tenant_admin'), eq(users.status, 'active'), isNotNull(users.passwordHash));

/** Active Tenant Admins who can sign in, besides this person. */
export async function countOtherAdmins(tenantId: string, userId: string, on: Tx | typeof db = db): Promise<number> {
  const [row] = await on
    .select({ n: count() })
    .from(users)
    .where(and(eq(users.tenantId, tenantId), canAdminister(), ne(users.id, userId)));
  return row?.n ?? 0;
}

/** Whether taking this person's role or access takes an admin away at all. */
export const administers = (user: Pick<User, 'role' | 'status' | 'passwordHash'>): boolean =>
  user.role === 'tenant_admin' && user.status === 'active' && user.passwordHash !== null;

export async function countAdmins(tenantId: string, on: Tx | typeof db = db): Promise<number> {
  const [row] = await on
    .select({ n: count() })
    .from(users)
    .where(and(eq(users.tenantId, tenantId), canAdminister()));
  return row?.n ?? 0;
}
