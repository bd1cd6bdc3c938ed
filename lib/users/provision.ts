import type { Tx } from '@/db/client';
import { newId } from '@/db/id';
import { type User, users } from '@/db/schema/users';

type Birth = Pick<User, 'tenantId' | 'email' | 'firstName' | 'lastName' | 'role' | 'status'> &
  Partial<
    Pick<
      User,
      | 'passwordHash'
      | 'samlEnabled'
      | 'profileManagedBy'
      | 'roleManagedBy'
      | 'scimUserName'
      | 'scimExternalId'
      | 'scimAttributes'
      | 'scimTokenId'
      | 'scimDeprovisionedAt'
    >
  >;

/**
 * The single point where a user is born: by invitation, set-up, CLI, SAML or SCIM. Null when the address, or the name that
 * the identity provider gives them, is taken in the tenant, also by somebody who came first at the same moment. The caller records the entry: it knows why.
 */
export async function provision(tx: Tx, now: Date, birth: Birth): Promise<User | null> {
  const [user] = await tx
    .insert(users)
    .values({ ...birth, id: newId(now), createdAt: now, changedAt: now })
    .onConflictDoNothing()
    .returning();
  return user ?? null;
}
