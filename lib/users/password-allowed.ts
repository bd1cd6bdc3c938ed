import { and, eq, isNotNull, isNull, or, sql } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { samlConnections, samlDomains, samlLinks } from '@/db/schema/saml';
import { type User, users } from '@/db/schema/users';

/**
 * If a tenant requires SAML, a password or passkey opens only a break-glass admin's account. Ask only after the password or the
 * link is proven: the answer would reveal that the account exists. `standing` in lib/sessions/find.ts applies the same rule to
 * sessions.
 */
export const mayUsePassword = (
  user: Pick<User, 'role' | 'breakGlass'>,
  saml: 'off' | 'enabled' | 'required',
): boolean => saml !== 'required' || (user.breakGlass && user.role === 'tenant_admin');

/** The current identity provider has signed this person in before, which created a link. */
const isLinked = sql<boolean>`exists (
  select from ${samlLinks} inner join ${samlConnections} on ${and(
    eq(samlConnections.tenantId, samlLinks.tenantId),
    eq(samlConnections.idpEntityId, samlLinks.idpEntityId),
  )} where ${and(eq(samlLinks.tenantId, users.tenantId), eq(samlLinks.userId, users.id))})`;

/** People who are connected on the provider's assertion alone: see `judge` in lib/saml/candidate.ts. */
export const isTakenAtItsWord = or(
  isNull(users.passwordHash),
  isLinked,
  sql`exists (select from ${samlDomains} where ${and(
    eq(samlDomains.tenantId, users.tenantId),
    isNotNull(samlDomains.verifiedAt),
    sql`${samlDomains.domain} = split_part(${users.emailKey}, '@', 2)`,
  )})`,
);

/** An admin who must prove their password once before the provider can sign them in. */
export async function isToConnect(
  user: Pick<User, 'id' | 'tenantId' | 'role'>,
  on: Tx | typeof db = db,
): Promise<boolean> {
  if (user.role !== 'tenant_admin') return false;
  const found = await on
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.tenantId, user.tenantId), eq(users.id, user.id), sql`(${isTakenAtItsWord}) is not true`));
  return found.length > 0;
}

/** If SAML is required, a password is accepted only from break-glass admins and for that one proof. */
export const mayProvePassword = async (
  user: Pick<User, 'id' | 'tenantId' | 'role' | 'breakGlass'>,
  saml: 'off' | 'enabled' | 'required',
  on: Tx | typeof db = db,
): Promise<boolean> => mayUsePassword(user, saml) || isToConnect(user, on);
