import { and, asc, eq, isNull, or } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { samlConnections, samlGroupRoles, samlLinks } from '@/db/schema/saml';
import { users } from '@/db/schema/users';
import type { Actor, Role } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { hashToken } from '@/lib/crypto/tokens';
import { done, refuse } from '@/lib/outcome';
import { adminDeed } from '@/lib/users/deed';
import { countAdmins } from '@/lib/users/last-admin';
import { hasRecentProof } from '@/lib/users/own-deed';
import { findConnection, lockConnection } from './connection';

/** Maps the groups that the provider sends to a role: Tenant Admin for members of a named group, else Standard User. */
export type Mapping = { groupAttribute: string; adminGroups: string[] } | null;

export const MOST_GROUPS = 50;

export async function readMapping(tenantId: string, on: Tx | typeof db = db): Promise<Mapping> {
  const connection = await findConnection(tenantId, on);
  if (!connection?.groupAttribute) return null;
  const groups = await on
    .select({ name: samlGroupRoles.groupName })
    .from(samlGroupRoles)
    .where(and(eq(samlGroupRoles.tenantId, tenantId), eq(samlGroupRoles.role, 'tenant_admin')))
    .orderBy(asc(samlGroupRoles.groupName));
  return { groupAttribute: connection.groupAttribute, adminGroups: groups.map(({ name }) => name) };
}

/** Identifies the mapping that an admin saw when they began to change it. */
export const versionOf = (mapping: Mapping): string => hashToken(JSON.stringify(mapping)).slice(0, 16);

/** Compared exactly: two groups of a provider may differ only in letter case. */
export const roleOf = (groups: readonly string[], mapping: NonNullable<Mapping>): Role =>
  groups.some((group) => mapping.adminGroups.includes(group)) ? 'tenant_admin' : 'standard_user';

/** Previews a mapping for the people whose groups were seen at their last sign-in. It takes effect at their next one. */
export async function foreseeMapping(tenantId: string, mapping: NonNullable<Mapping>) {
  const people = await db
    .select({ email: users.email, role: users.role, groups: samlLinks.groups })
    .from(samlLinks)
    .innerJoin(users, and(eq(users.tenantId, samlLinks.tenantId), eq(users.id, samlLinks.userId)))
    .where(
      and(
        eq(samlLinks.tenantId, tenantId),
        eq(users.status, 'active'),
        or(isNull(users.roleManagedBy), eq(users.roleManagedBy, 'saml')),
      ),
    )
    .orderBy(asc(users.emailKey))
    .limit(50_000);
  const seen = people.flatMap(({ email, role, groups }) =>
    groups ? [{ email, role, will: roleOf(groups, mapping) }] : [],
  );
  const up = seen.filter(({ role, will }) => role === 'standard_user' && will === 'tenant_admin');
  const down = seen.filter(({ role, will }) => role === 'tenant_admin' && will === 'standard_user');
  // Roles change one by one as people sign in, and the last admin who can sign in is never demoted.
  const left = (await countAdmins(tenantId)) + up.length;
  const refused = Math.max(0, down.length - Math.max(0, left - 1));
  const emails = (list: { email: string }[]) => list.map(({ email }) => email);
  return {
    up: emails(up),
    down: emails(down),
    refused,
    unchanged: seen.length - up.length - down.length,
    unknown: people.length - seen.length,
  };
}

/** Removing the mapping keeps the roles and makes them editable here again. Setting one needs a recent proof. */
export const setMapping = (actor: Actor, { mapping, seen }: { mapping: Mapping; seen?: string | undefined }) =>
  adminDeed(actor, async (tx, now) => {
    const connection = await lockConnection(tx, actor.tenantId);
    if (!connection) return refuse('no-connection');
    if (mapping && !(await hasRecentProof(tx, now, actor))) return refuse('proof-needed');
    const before = await readMapping(actor.tenantId, tx);
    if (seen !== undefined && versionOf(before) !== seen) return refuse('settings-changed');
    await tx
      .update(samlConnections)
      .set({ groupAttribute: mapping?.groupAttribute ?? null, testedAt: null, updatedAt: now })
      .where(eq(samlConnections.tenantId, connection.tenantId));
    await tx.delete(samlGroupRoles).where(eq(samlGroupRoles.tenantId, actor.tenantId));
    const rows = (mapping?.adminGroups ?? []).map((groupName) => ({
      tenantId: actor.tenantId,
      groupName,
      role: 'tenant_admin' as const,
    }));
    if (rows.length > 0) await tx.insert(samlGroupRoles).values(rows);
    if (!mapping)
      await tx
        .update(users)
        .set({ roleManagedBy: null })
        .where(and(eq(users.tenantId, actor.tenantId), eq(users.roleManagedBy, 'saml')));
    return done({ auditId: await record(tx, now, actor, 'saml.mapping-changed', null, { before, after: mapping }) });
  });
