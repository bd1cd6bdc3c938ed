import { and, eq, isNotNull, isNull, or, sql } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { samlConnections, samlDomains, samlLinks } from '@/db/schema/saml';
import { type User, users } from '@/db/schema/users';

/**
 * Where a tenant requires SAML, a password or a passkey opens nothing but a break-glass admin's account. Asked after the
 * password or the link is proven, never before: the answer would tell that there is an account. `standing` of
 * lib/sessions/find.ts says the same of a session.
 */
export const mayUsePassword = (
  user: Pick<User, 'role' | 'breakGlass'>,
  saml: 'off' | 'enabled' | 'required',
): boolean => saml !== 'required' || (user.breakGlass && user.role === 'tenant_admin');

/** Whom the provider that is there now has signed in before, by the link that was made then. */
const isLinked = sql<boolean>`exists (
  select from ${samlLinks} inner join ${samlConnections} on ${and(
    eq(samlConnections.tenantId, samlLinks.tenantId),
    eq(samlConnections.idpEntityId, samlLinks.idpEntityId),
  )} where ${and(eq(samlLinks.tenantId, users.tenantId), eq(samlLinks.userId, users.id))})`;

/** Who is connected on the provider's word alone: see `judge` of lib/saml/candidate.ts. */
export const isTakenAtItsWord = or(
  isNull(users.passwordHash),
  isLinked,
  sql`exists (select from ${samlDomains} where ${and(
    eq(samlDomains.tenantId, users.tenantId),
    isNotNull(samlDomains.verifiedAt),
    sql`${samlDomains.domain} = split_part(${users.emailKey}, '@', 2)`,
  )})`,
);

/** An admin whom the provider cannot sign in before they have proven their password once. */
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

/** For that, and for nothing else, a password is taken where SAML is required. */
export const mayProvePassword = async (
  user: Pick<User, 'id' | 'tenantId' | 'role' | 'breakGlass'>,
  saml: 'off' | 'enabled' | 'required',
  on: Tx | typeof db = db,
): Promise<boolean> => mayUsePassword(user, saml) || isToConnect(user, on);
