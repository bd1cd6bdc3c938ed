import { and, eq, inArray, ne, type SQL, sql } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { type User, users } from '@/db/schema/users';
import { type Actor, personOf } from '@/lib/actor';
import { findTenant } from '@/lib/tenants/find';

/** Compares without regard to letter case, by the database's own rules. */
export const isAddress = (email: string | SQL) => sql`${users.emailKey} = lower(${email})`;

const isUser = (tenantId: string, userId: string) => and(eq(users.tenantId, tenantId), eq(users.id, userId));

/** Matches the row that was read, by its tenant and id. */
export const rowOf = (user: Pick<User, 'tenantId' | 'id'>) => isUser(user.tenantId, user.id);

/** Null if the tenant has no such user. A user of another tenant is not found. */
export async function findUser(tenantId: string, userId: string): Promise<User | null> {
  const [user] = await db.select().from(users).where(isUser(tenantId, userId)).prepare('find_user').execute();
  return user ?? null;
}

/** The same, with the row locked until the transaction ends. */
export async function lockUser(tx: Tx, tenantId: string, userId: string): Promise<User | null> {
  const [user] = await tx.select().from(users).where(isUser(tenantId, userId)).for('no key update');
  return user ?? null;
}

/** The same for many, locked in the order of their ids, so that two such transactions never deadlock. */
export async function lockUsers(tx: Tx, tenantId: string, userIds: string[]): Promise<Map<string, User>> {
  const found = await tx
    .select()
    .from(users)
    .where(and(eq(users.tenantId, tenantId), inArray(users.id, userIds)))
    .orderBy(users.id)
    .for('no key update');
  return new Map(found.map((user) => [user.id, user]));
}

/** Locks the person with this address in the tenant. Removed people have none. */
export async function lockUserByAddress(tx: Tx, tenantId: string, email: string): Promise<User | null> {
  const [user] = await tx
    .select()
    .from(users)
    .where(and(eq(users.tenantId, tenantId), isAddress(email), ne(users.status, 'removed')))
    .for('no key update');
  return user ?? null;
}

/** The same for many, keyed by the addresses as given. */
export async function lockUsersByAddress(tx: Tx, tenantId: string, emails: string[]): Promise<Map<string, User>> {
  if (emails.length === 0) return new Map();
  const found = await tx
    .select({ given: sql<string>`given.email`, user: users })
    .from(sql`jsonb_array_elements_text(${JSON.stringify(emails)}::jsonb) as given(email)`)
    .innerJoin(users, and(eq(users.tenantId, tenantId), isAddress(sql`given.email`), ne(users.status, 'removed')))
    .orderBy(users.id)
    .for('no key update', { of: users });
  return new Map(found.map(({ given, user }) => [given, user]));
}

/** The address keys of those removed people who cannot be restored, since somebody else has their address or SCIM name. */
export async function heldAddresses(
  tenantId: string,
  removed: Pick<User, 'emailKey' | 'scimKey' | 'removedAt' | 'scimDeprovisionedAt'>[],
  on: Tx | typeof db = db,
) {
  const keys = removed.map(({ emailKey }) => emailKey);
  if (keys.length === 0) return new Set<string>();
  const held = await on
    .select({ emailKey: users.emailKey })
    .from(users)
    .where(and(eq(users.tenantId, tenantId), inArray(users.emailKey, keys), ne(users.status, 'removed')));
  const found = new Set(held.map(({ emailKey }) => emailKey));
  // The SCIM user name is unique too. People whom the provider deleted are restored without it.
  const named = removed.filter((user) => user.scimKey !== null && !wasRemovedByProvider(user));
  if (named.length === 0) return found;
  const taken = await on
    .select({ scimKey: users.scimKey })
    .from(users)
    .where(
      and(
        eq(users.tenantId, tenantId),
        inArray(
          users.scimKey,
          named.flatMap(({ scimKey }) => scimKey ?? []),
        ),
        sql`${users.scimUserName} is not null`,
        ne(users.status, 'removed'),
      ),
    );
  for (const { emailKey, scimKey } of named) if (taken.some((each) => each.scimKey === scimKey)) found.add(emailKey);
  return found;
}

export const isAddressHeld = async (user: User, on: Tx | typeof db = db): Promise<boolean> =>
  user.status === 'removed' && (await heldAddresses(user.tenantId, [user], on)).has(user.emailKey);

/** A person's full name, or the address if they have no name. */
export const displayName = (user: Pick<User, 'firstName' | 'lastName' | 'email'>): string =>
  `${user.firstName} ${user.lastName}`.trim() || user.email;

/** The actor's name as shown to the person affected. Machines act in the tenant's name. */
export async function nameOfActor(tx: Tx, actor: Actor): Promise<string> {
  const personId = personOf(actor);
  if (personId === null) return (await findTenant(actor.tenantId, tx)).name;
  const [user] = await tx.select().from(users).where(isUser(actor.tenantId, personId));
  return user ? displayName(user) : actor.label;
}

/** True if the identity provider removed them, not an admin. */
export const wasRemovedByProvider = ({
  removedAt,
  scimDeprovisionedAt,
}: Pick<User, 'removedAt' | 'scimDeprovisionedAt'>): boolean =>
  removedAt !== null && removedAt.getTime() === scimDeprovisionedAt?.getTime();
