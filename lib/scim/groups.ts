import { and, eq, inArray, isNotNull, ne, sql } from 'drizzle-orm';
import { isAnyOf } from '@/db/any-of';
import { db, type Tx } from '@/db/client';
import { violates } from '@/db/conflict';
import { newId } from '@/db/id';
import { auditEntries } from '@/db/schema/audit';
import { type ScimGroup, scimGroupMembers, scimGroups } from '@/db/schema/scim';
import { users } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, type Outcome, refuse } from '@/lib/outcome';
import { guardedDeed } from '@/lib/users/deed';
import { applyGroupRoles } from '@/lib/users/group-roles';
import { badRequest } from './error';
import { type GroupChange, nested } from './group-change';
import { versionOfGroup } from './group-resource';
import type { Exchange, Expected } from './person';
import { undoing, whole } from './whole';

/*
 * Groups and their members. Members are read, added and removed by one statement each, however many a request names.
 * Membership can grant or take away a role, so these commands hold the tenant's lock and end with `applyGroupRoles`.
 */

const isGroup = (tenantId: string, id: string) => and(eq(scimGroups.tenantId, tenantId), eq(scimGroups.id, id));

export async function findGroup(tenantId: string, id: string): Promise<ScimGroup | null> {
  const [group] = await db.select().from(scimGroups).where(isGroup(tenantId, id));
  return group ?? null;
}

async function lockGroup(tx: Tx, actor: Actor, id: string): Promise<ScimGroup | null> {
  const [group] = await tx.select().from(scimGroups).where(isGroup(actor.tenantId, id)).for('update');
  return group ?? null;
}

export function createGroup({ actor, exchangeId }: Exchange, change: GroupChange) {
  const creating = undoing(async (tx: Tx, now: Date) => {
    const [group] = await tx
      .insert(scimGroups)
      .values({
        id: newId(now),
        tenantId: actor.tenantId,
        displayName: change.displayName,
        externalId: change.externalId,
        tokenId: actor.id,
        createdAt: now,
        changedAt: now,
      })
      .onConflictDoNothing()
      .returning();
    if (!group) return refuse('group-name-taken');
    const added = await addMembers(tx, group, change.members.add, exchangeId);
    const moved = await applyGroupRoles(tx, now, actor, { userIds: added }, exchangeId);
    if (!moved.ok) return moved;
    await record(tx, now, actor, 'scim.group-created', null, { group: named(group), members: added.length });
    return done({ group });
  });
  return whole(guardedDeed(actor, creating));
}

/** With more members than this, an audit entry lists only the first ids, besides the number. */
const IDS_KEPT = 1000;

const named = ({ id, displayName }: ScimGroup) => ({ id, name: displayName });

/** PUT and PATCH: `change` makes the wanted state from the current group. */
export function changeGroup(
  { actor, exchangeId }: Exchange,
  groupId: string,
  expected: Expected,
  change: (before: ScimGroup) => GroupChange,
) {
  const changing = undoing(async (tx: Tx, now: Date) => {
    const before = await lockGroup(tx, actor, groupId);
    if (!before) return refuse('not-found');
    if (expected && !expected.includes(versionOfGroup(before))) return refuse('version');
    const wanted = change(before);
    const { clear, add, remove } = wanted.members;
    const removed = clear ? await removeAllBut(tx, before, add) : await removeMembers(tx, before, remove);
    const added = await addMembers(tx, before, add, exchangeId);
    const isRenamed = wanted.displayName !== before.displayName;
    const isSame = !isRenamed && wanted.externalId === before.externalId && added.length + removed.length === 0;
    if (isSame) return done({ group: before });

    const [group = before] = await tx
      .update(scimGroups)
      .set({
        displayName: wanted.displayName,
        externalId: wanted.externalId,
        tokenId: actor.id,
        revision: before.revision + 1,
        changedAt: now,
      })
      .where(isGroup(actor.tenantId, groupId))
      .returning();
    const moved = await applyGroupRoles(tx, now, actor, { userIds: [...added, ...removed] }, exchangeId);
    if (!moved.ok) return moved;
    await record(tx, now, actor, 'scim.group-changed', null, {
      group: named(group),
      ...(isRenamed ? { before: before.displayName } : {}),
      ...(wanted.externalId === before.externalId
        ? {}
        : { externalId: { before: before.externalId, after: wanted.externalId } }),
      added: added.length,
      removed: removed.length,
      addedIds: added.slice(0, IDS_KEPT),
      removedIds: removed.slice(0, IDS_KEPT),
    });
    return done({ group });
  });
  return nameOnce(whole(guardedDeed(actor, changing)));
}

export function deleteGroup({ actor, exchangeId }: Exchange, groupId: string, expected: Expected) {
  const deleting = undoing(async (tx: Tx, now: Date) => {
    const group = await lockGroup(tx, actor, groupId);
    if (!group) return refuse('not-found');
    if (expected && !expected.includes(versionOfGroup(group))) return refuse('version');
    const left = await removeAllBut(tx, group, []);
    await tx.delete(scimGroups).where(isGroup(actor.tenantId, groupId));
    const moved = await applyGroupRoles(tx, now, actor, { userIds: left }, exchangeId);
    if (!moved.ok) return moved;
    await record(tx, now, actor, 'scim.group-deleted', null, { group: named(group) });
    return done({ group });
  });
  return whole(guardedDeed(actor, deleting));
}

async function nameOnce<T, R extends string>(
  work: Promise<Outcome<T, R>>,
): Promise<Outcome<T, R | 'group-name-taken'>> {
  try {
    return await work;
  } catch (error) {
    if (violates(error, 'scim_groups_name_once')) return refuse('group-name-taken');
    throw error;
  }
}

/**
 * Returns who was added. People whom SCIM does not show are unknown ids, as are those of another tenant. Ids of removed and
 * erased people are skipped, so that one person removed by an admin does not make the whole request fail.
 */
async function addMembers(tx: Tx, group: ScimGroup, ids: string[], exchangeId: string): Promise<string[]> {
  if (ids.length === 0) return [];
  const known = await tx
    .select({ id: users.id })
    .from(users)
    .where(
      and(
        eq(users.tenantId, group.tenantId),
        isAnyOf(users.id, ids),
        isNotNull(users.scimUserName),
        ne(users.status, 'removed'),
      ),
    );
  const members = known.map(({ id }) => id);
  if (members.length < ids.length) await refuseUnknown(tx, group, ids, new Set(members));
  const added = await tx.execute<{ user_id: string }>(
    sql`insert into ${scimGroupMembers} (tenant_id, group_id, user_id, exchange_id)
      select ${group.tenantId}, ${group.id}, unnest(${sql.param(members)}::uuid[]), ${exchangeId} on conflict do nothing returning user_id`,
  );
  return added.map(({ user_id }) => user_id);
}

async function refuseUnknown(tx: Tx, { tenantId }: ScimGroup, ids: string[], known: Set<string>): Promise<void> {
  const strange = ids.filter((id) => !known.has(id));
  // Only the audit entries still know who was erased.
  const gone = await tx
    .selectDistinct({ id: auditEntries.targetId })
    .from(auditEntries)
    .where(
      and(
        eq(auditEntries.tenantId, tenantId),
        isAnyOf(auditEntries.targetId, strange),
        inArray(auditEntries.action, ['user.removed', 'user.erased']),
      ),
    );
  const unknown = strange.filter((id) => !gone.some((each) => each.id === id));
  if (unknown.length === 0) return;
  const groups = await tx
    .select({ id: scimGroups.id })
    .from(scimGroups)
    .where(and(eq(scimGroups.tenantId, tenantId), isAnyOf(scimGroups.id, unknown)))
    .limit(1);
  if (groups.length > 0) throw nested();
  const named = unknown.slice(0, 3).join(', ');
  throw badRequest(
    'invalidValue',
    `There is no user ${named}${unknown.length > 3 ? ` and ${unknown.length - 3} more` : ''}.`,
  );
}

const membersOf = ({ tenantId, id }: ScimGroup) =>
  and(eq(scimGroupMembers.tenantId, tenantId), eq(scimGroupMembers.groupId, id));

/** People who are not members are skipped: the identity provider may repeat a removal. */
async function removeMembers(tx: Tx, group: ScimGroup, ids: string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const removed = await tx
    .delete(scimGroupMembers)
    .where(and(membersOf(group), isAnyOf(scimGroupMembers.userId, ids)))
    .returning({ id: scimGroupMembers.userId });
  return removed.map(({ id }) => id);
}

async function removeAllBut(tx: Tx, group: ScimGroup, ids: string[]): Promise<string[]> {
  const removed = await tx
    .delete(scimGroupMembers)
    .where(and(membersOf(group), sql`${scimGroupMembers.userId} <> all(${sql.param(ids)}::uuid[])`))
    .returning({ id: scimGroupMembers.userId });
  return removed.map(({ id }) => id);
}

/** Null if the group had that role already. */
type Mapped = { auditId: string | null };

/** An admin here gives a group's members a role, or takes it from them. */
export function mapGroup(actor: Actor, input: { groupId: string; role: ScimGroup['role'] }) {
  const mapping = undoing(async (tx: Tx, now: Date) => {
    const group = await lockGroup(tx, actor, input.groupId);
    if (!group) return refuse('group-not-found');
    if (group.role === input.role) return done<Mapped>({ auditId: null });
    await tx.update(scimGroups).set({ role: input.role }).where(isGroup(actor.tenantId, group.id));
    const moved = await applyGroupRoles(tx, now, actor, { groupId: group.id });
    if (!moved.ok) return moved;
    const { moves } = moved.value;
    const granted = moves.filter(({ user, after }) => after !== user.role && after === 'tenant_admin').length;
    const taken = moves.filter(({ user, after }) => after !== user.role && after !== 'tenant_admin').length;
    const details = { group: named(group), role: input.role, granted, taken };
    return done<Mapped>({ auditId: await record(tx, now, actor, 'scim.group-mapped', null, details) });
  });
  return whole(guardedDeed(actor, mapping));
}
