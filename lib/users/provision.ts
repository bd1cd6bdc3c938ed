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

export async function provision(tx: Tx, now: Date, birth: Birth): Promise<User | null> {
  const [user] = await provisionMany(tx, now, [birth]);
  return user ?? null;
}

/**
 * The single point where users are born: by invitation, set-up, CLI, SAML or SCIM. Null, each in the place of its birth,
 * when the address, or the name that the identity provider gives them, is taken in the tenant, also by somebody who came
 * first at the same moment. The caller records the entry: it knows why.
 */
export async function provisionMany(tx: Tx, now: Date, births: Birth[]): Promise<(User | null)[]> {
  if (births.length === 0) return [];
  const rows = births.map((birth) => ({ ...birth, id: newId(now), createdAt: now, changedAt: now }));
  const born = new Map<string, User>();
  for (const user of await tx.insert(users).values(rows).onConflictDoNothing().returning()) born.set(user.id, user);
  return rows.map(({ id }) => born.get(id) ?? null);
}
