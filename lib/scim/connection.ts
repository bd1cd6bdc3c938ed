import { and, count, eq, sql } from 'drizzle-orm';
import { db } from '@/db/client';
import { scimConnections, scimExchanges, scimGroupMembers, scimGroups } from '@/db/schema/scim';
import { scimTokens } from '@/db/schema/scim-tokens';
import { type User, users } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done } from '@/lib/outcome';
import { adminDeed } from '@/lib/users/deed';
import { countKept } from './find';
import { errorsOfDay } from './recorder';

/** The pause switch: while paused, every request is answered 503, and the identity provider retries it later. */
export const setPaused = (actor: Actor, { paused }: { paused: boolean }) =>
  adminDeed<{ auditId: string }, never>(actor, async (tx, now) => {
    const pausedAt = paused ? now : null;
    await tx
      .insert(scimConnections)
      .values({ tenantId: actor.tenantId, pausedAt })
      .onConflictDoUpdate({ target: scimConnections.tenantId, set: { pausedAt } });
    return done({ auditId: await record(tx, now, actor, paused ? 'scim.paused' : 'scim.resumed', null, {}) });
  });

export async function statusOf(tenantId: string, now: Date) {
  const [connection, last, people, groups, errors, saml] = await Promise.all([
    db.select().from(scimConnections).where(eq(scimConnections.tenantId, tenantId)),
    db
      .select()
      .from(scimExchanges)
      .where(eq(scimExchanges.tenantId, tenantId))
      .orderBy(sql`${scimExchanges.id} desc`)
      .limit(1),
    countKept(tenantId),
    db.$count(scimGroups, eq(scimGroups.tenantId, tenantId)),
    errorsOfDay(tenantId, now),
    db
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.tenantId, tenantId), eq(users.lastLoginMethod, 'saml')))
      .limit(1),
  ]);
  return {
    pausedAt: connection[0]?.pausedAt ?? null,
    lastExchange: last[0] ?? null,
    people,
    groups,
    errors,
    /** Provisioned people have no password, so SAML sign-in must have worked for somebody. */
    hasSamlSignIn: saml.length > 0,
  };
}

export const MOST_GROUPS_SHOWN = 500;

/** Groups with the number of their members who are not removed: those that grant a role first, then by name. */
export const listGroupsWithSizes = (tenantId: string, search = '') =>
  db
    .select({ group: scimGroups, members: count(users.id) })
    .from(scimGroups)
    .leftJoin(
      scimGroupMembers,
      and(eq(scimGroupMembers.tenantId, scimGroups.tenantId), eq(scimGroupMembers.groupId, scimGroups.id)),
    )
    .leftJoin(
      users,
      and(
        eq(users.tenantId, scimGroupMembers.tenantId),
        eq(users.id, scimGroupMembers.userId),
        sql`${users.status} <> 'removed'`,
      ),
    )
    .where(and(eq(scimGroups.tenantId, tenantId), sql`strpos(${scimGroups.displayKey}, lower(${search})) > 0`))
    .groupBy(scimGroups.id)
    .orderBy(sql`${scimGroups.role} is null`, scimGroups.displayKey)
    .limit(MOST_GROUPS_SHOWN);

/** For a person's page: who manages them, and their groups. */
export async function provisioningOf(user: User) {
  const [tokens, groups] = await Promise.all([
    user.scimTokenId === null
      ? []
      : db
          .select({ name: scimTokens.name })
          .from(scimTokens)
          .where(and(eq(scimTokens.tenantId, user.tenantId), eq(scimTokens.id, user.scimTokenId))),
    db
      .select({
        id: scimGroups.id,
        name: scimGroups.displayName,
        role: scimGroups.role,
        exchangeId: scimGroupMembers.exchangeId,
      })
      .from(scimGroupMembers)
      .innerJoin(
        scimGroups,
        and(eq(scimGroups.tenantId, scimGroupMembers.tenantId), eq(scimGroups.id, scimGroupMembers.groupId)),
      )
      .where(and(eq(scimGroupMembers.tenantId, user.tenantId), eq(scimGroupMembers.userId, user.id)))
      .orderBy(scimGroups.displayKey),
  ]);
  return {
    managedBy: user.profileManagedBy === 'scim' ? (tokens[0]?.name ?? 'SCIM') : null,
    groups,
  };
}
