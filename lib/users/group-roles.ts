import { and, eq, type SQL, sql } from 'drizzle-orm';
import { isAnyOf } from '@/db/any-of';
import { db, type Tx } from '@/db/client';
import { scimGroupMembers, scimGroups } from '@/db/schema/scim';
import { type User, users } from '@/db/schema/users';
import type { Actor, Role } from '@/lib/actor';
import { recordMany } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { findTenant } from '@/lib/tenants/find';
import { administers, countAdmins, type SamlMode } from './last-admin';
import { holding } from './role';
import { tellMany } from './tell';

/**
 * The single path by which groups grant and withdraw roles. A member of a mapped group has its role, managed by SCIM. A person
 * who had such a role and is in no mapped group any more becomes a Standard User, whose role is edited here again.
 */
const UNGRANTED: Role = 'standard_user';

export type RoleMove = { user: User; after: Role; group: { id: string; name: string } | null };

type Scope = { userIds: string[] } | { groupId: string; asIf?: Role | null };

/** The people whose role differs from what their groups grant. `asIf` previews another mapping of the group (dry run). */
export async function planGroupRoles(tenantId: string, scope: Scope, on: Tx | typeof db = db): Promise<RoleMove[]> {
  if ('userIds' in scope && scope.userIds.length === 0) return [];
  const role: SQL =
    'asIf' in scope
      ? sql`case when g.id = ${scope.groupId} then ${scope.asIf}::user_role else g.role end`
      : sql`g.role`;
  const grant = sql`(select g.id, g.display_name as name, ${role} as role
    from ${scimGroupMembers} m join ${scimGroups} g on g.tenant_id = m.tenant_id and g.id = m.group_id
    where m.tenant_id = ${users.tenantId} and m.user_id = ${users.id} and ${role} is not null
    order by ${role} desc, g.display_key limit 1)`;
  const concerned =
    'userIds' in scope
      ? isAnyOf(users.id, scope.userIds)
      : sql`${users.id} in (select m.user_id from ${scimGroupMembers} m where m.tenant_id = ${tenantId} and m.group_id = ${scope.groupId})`;
  const rows = await on
    .select({
      user: users,
      groupId: sql<string | null>`granted.id`,
      groupName: sql<string | null>`granted.name`,
      role: sql<Role | null>`granted.role`,
    })
    .from(users)
    .leftJoin(sql`lateral ${grant} granted`, sql`true`)
    .where(
      and(
        eq(users.tenantId, tenantId),
        concerned,
        sql`case when granted.id is null then ${users.roleManagedBy} = 'scim'
          else ${users.role} <> granted.role or ${users.roleManagedBy} is distinct from 'scim' end`,
      ),
    )
    .orderBy(users.emailKey);
  return rows.map(({ user, groupId, groupName, role }) => ({
    user,
    after: role ?? UNGRANTED,
    group: groupId === null ? null : { id: groupId, name: groupName ?? '' },
  }));
}

/** Whether these moves would leave no admin who can sign in. */
export function leavesNoAdmin(moves: RoleMove[], admins: number, saml: SamlMode): boolean {
  const losing = moves.filter(({ user, after }) => administers(user, saml) && after !== 'tenant_admin').length;
  const gaining = moves.filter(
    ({ user, after }) =>
      after === 'tenant_admin' && !administers(user, saml) && administers({ ...user, role: after }, saml),
  ).length;
  return losing > 0 && admins - losing + gaining <= 0;
}

/**
 * Writes one audit entry per move and mails active people whose role changes, in a few statements for all. The caller must hold
 * the tenant's lock.
 */
export async function applyGroupRoles(tx: Tx, now: Date, actor: Actor, scope: Scope, exchangeId: string | null = null) {
  const moves = await planGroupRoles(actor.tenantId, scope, tx);
  const { saml } = await findTenant(actor.tenantId, tx);
  if (leavesNoAdmin(moves, await countAdmins(actor.tenantId, tx), saml)) return refuse('last-admin');
  for (const after of new Set(moves.map((move) => move.after))) {
    for (const managed of [true, false]) {
      const ids = moves
        .filter((move) => move.after === after && (move.group !== null) === managed)
        .map(({ user }) => user.id);
      if (ids.length === 0) continue;
      await tx
        .update(users)
        .set({ ...holding(after), roleManagedBy: managed ? 'scim' : null })
        .where(and(eq(users.tenantId, actor.tenantId), isAnyOf(users.id, ids)));
    }
  }
  const told = moves.filter(({ user, after }) => user.status === 'active' && user.role !== after);
  const by = actor.label;
  await tellMany(
    tx,
    now,
    actor.tenantId,
    told.map(({ user, after }) => ({ user, event: { kind: 'role-changed', by, role: after } })),
  );
  await recordMany(
    tx,
    now,
    actor,
    moves.map(({ user, after, group }) => ({
      action: 'user.role-mapped',
      target: user,
      details: { before: user.role, after, group, exchangeId },
    })),
  );
  return done({ moves });
}
