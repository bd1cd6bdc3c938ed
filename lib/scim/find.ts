import { and, asc, eq, inArray, ne, type SQL, sql } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { auditHeads } from '@/db/schema/audit';
import { scimEmails, scimGroupMembers, scimGroups } from '@/db/schema/scim';
import { type User, users } from '@/db/schema/users';
import { untilListChanges } from '@/lib/users/until-list-changes';
import type { PersonRow } from './user-resource';

/** SCIM shows only the people whom the identity provider manages. Written like the condition of the partial indexes. */
export const isKept = (tenantId: string): SQL | undefined =>
  and(eq(users.tenantId, tenantId), sql`${users.scimUserName} is not null`, sql`${users.status} <> 'removed'`);

/** Cached: the count may scan a million index entries, and a provider that reads the whole list needs it for each page. */
const keptNow = untilListChanges((tenantId: string, on: typeof db) => on.$count(users, isKept(tenantId)));

export async function countKept(tenantId: string, on: typeof db = db): Promise<number> {
  const [head] = await on
    .select({ listChanges: auditHeads.listChanges })
    .from(auditHeads)
    .where(eq(auditHeads.tenantId, tenantId));
  return keptNow(tenantId, head?.listChanges ?? 0, on);
}

/** Adds e-mails and groups from other tables: two more queries, however many people. */
export async function withParts(people: User[], on: Tx | typeof db = db): Promise<PersonRow[]> {
  const [first] = people;
  if (!first) return [];
  const ids = people.map(({ id }) => id);
  const emails = await on
    .select()
    .from(scimEmails)
    .where(and(eq(scimEmails.tenantId, first.tenantId), inArray(scimEmails.userId, ids)))
    .orderBy(asc(scimEmails.position));
  const groups = await on
    .select({ userId: scimGroupMembers.userId, id: scimGroups.id, name: scimGroups.displayName })
    .from(scimGroupMembers)
    .innerJoin(
      scimGroups,
      and(eq(scimGroups.tenantId, scimGroupMembers.tenantId), eq(scimGroups.id, scimGroupMembers.groupId)),
    )
    .where(and(eq(scimGroupMembers.tenantId, first.tenantId), inArray(scimGroupMembers.userId, ids)))
    .orderBy(asc(scimGroups.displayKey));
  const emailsOf = grouped(emails);
  const groupsOf = grouped(groups);
  return people.map((user) => ({
    user,
    emails: emailsOf.get(user.id) ?? [],
    groups: (groupsOf.get(user.id) ?? []).map(({ id, name }) => ({ id, name })),
  }));
}

function grouped<T extends { userId: string }>(rows: T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const row of rows) {
    const list = found.get(row.userId);
    if (list) list.push(row);
    else found.set(row.userId, [row]);
  }
  return found;
}

export async function findPerson(tenantId: string, id: string): Promise<PersonRow | null> {
  const people = await db
    .select()
    .from(users)
    .where(and(isKept(tenantId), eq(users.id, id)));
  return (await withParts(people))[0] ?? null;
}

/** The members that SCIM shows, ordered by id. */
export async function memberIds(tenantId: string, groupIds: string[]): Promise<Map<string, string[]>> {
  if (groupIds.length === 0) return new Map();
  const rows = await db
    .select({ groupId: scimGroupMembers.groupId, userId: scimGroupMembers.userId })
    .from(scimGroupMembers)
    .innerJoin(users, and(eq(users.tenantId, scimGroupMembers.tenantId), eq(users.id, scimGroupMembers.userId)))
    .where(
      and(
        eq(scimGroupMembers.tenantId, tenantId),
        inArray(scimGroupMembers.groupId, groupIds),
        ne(users.status, 'removed'),
      ),
    )
    .orderBy(asc(scimGroupMembers.groupId), asc(scimGroupMembers.userId));
  const found = new Map<string, string[]>(groupIds.map((id) => [id, []]));
  for (const { groupId, userId } of rows) found.get(groupId)?.push(userId);
  return found;
}
