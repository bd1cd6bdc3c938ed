import { sql } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { newId } from '@/db/id';
import { insertRows } from '@/db/insert-rows';
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
 * The single point where users are created: by invitation, set-up, CLI, SAML or SCIM. Null if the address or the SCIM user name
 * is taken in the tenant, also by a concurrent insert. The caller writes the audit entry, since it knows the reason.
 */
export async function provision(tx: Tx, now: Date, birth: Birth): Promise<User | null> {
  const row = { ...birth, id: newId(now), createdAt: now, changedAt: now };
  const [user] = await tx.insert(users).values(row).onConflictDoNothing().returning();
  return user ?? null;
}

export type Newcomer = Pick<User, 'id' | 'email' | 'firstName' | 'lastName' | 'role'>;

/** The same for many invited people, in one statement. Results are in the order of `births`, null if taken. */
export async function provisionInvited(
  tx: Tx,
  now: Date,
  tenantId: string,
  births: Omit<Newcomer, 'id'>[],
): Promise<(Newcomer | null)[]> {
  const rows = births.map(({ email, firstName, lastName, role }) => ({
    id: newId(now),
    email,
    firstName,
    lastName,
    role,
  }));
  const same = { tenantId, status: 'invited', createdAt: now, changedAt: now } as const;
  const born = await insertRows(tx, users, same, rows, sql`on conflict do nothing`);
  return rows.map((row) => (born.has(row.id) ? row : null));
}
