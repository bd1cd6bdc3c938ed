import type { Tx } from '@/db/client';
import { type User, users } from '@/db/schema/users';
import type { Actor, Role } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { guardedDeedOnUser } from './deed';
import { nameOfActor, rowOf } from './find';
import { countOtherAdmins } from './last-admin';
import { hasRecentProof } from './own-deed';
import { mayChangeRole } from './policy';
import { tell } from './tell';

/**
 * Applies a role from an identity provider's group mapping. The caller holds the tenant's lock and the person's row lock. The
 * last admin who can sign in stays an admin, whatever the provider says, and that is recorded. Returns the resulting role.
 */
export async function setManagedRole(
  tx: Tx,
  now: Date,
  actor: Actor,
  user: User,
  { role, by }: { role: Role; by: NonNullable<User['roleManagedBy']> },
): Promise<Role> {
  const isLast = user.status === 'active' && (await countOtherAdmins(user.tenantId, user.id, tx)) === 0;
  const kept = user.role === 'tenant_admin' && role !== 'tenant_admin' && isLast;
  const after = kept ? user.role : role;
  if (user.role !== after || user.roleManagedBy !== by)
    await tx
      .update(users)
      .set({ ...holding(after), roleManagedBy: by })
      .where(rowOf(user));
  if (kept) await record(tx, now, actor, 'user.role-kept', user, { role: user.role, wanted: role });
  if (user.role !== after) {
    if (user.status === 'active') await tell(tx, now, user, { kind: 'role-changed', by: actor.label, role: after });
    await record(tx, now, actor, 'user.role-changed', user, { before: user.role, after });
  } else if (user.roleManagedBy !== by) await record(tx, now, actor, 'user.role-managed', user, { role: after });
  return after;
}

/** A break-glass admin who loses the role loses that flag too, and does not regain it with the role. */
export const holding = (role: Role) => (role === 'tenant_admin' ? { role } : { role, breakGlass: false });

/** `own`: the actor changed their own role. */
type Changed = { auditId: string | null; own: boolean };

/**
 * Takes effect at the person's next request: sessions continue, and authority is read on each request. An unchanged role succeeds
 * without an audit entry. Making somebody an admin requires a fresh proof.
 */
export const changeRole = (actor: Actor, input: { userId: string; role: Role }) =>
  guardedDeedOnUser(actor, input.userId, async (tx, now, user) =>
    input.role === 'tenant_admin' && !(await hasRecentProof(tx, now, actor))
      ? refuse('proof-needed')
      : changeRoleIn(tx, now, actor, user, input.role),
  );

/** The same as part of a larger transaction, which must hold the tenant's lock and have checked for the proof. */
export async function changeRoleIn(tx: Tx, now: Date, actor: Actor, user: User, role: Role) {
  const refusal = mayChangeRole(actor, user, role, await countOtherAdmins(user.tenantId, user.id, tx));
  if (refusal) return refuse(refusal);
  const own = actor.kind === 'user' && actor.userId === user.id;
  if (user.role === role) return done<Changed>({ auditId: null, own });

  await tx.update(users).set(holding(role)).where(rowOf(user));
  if (user.status === 'active' && !own)
    await tell(tx, now, user, { kind: 'role-changed', by: await nameOfActor(tx, actor), role });
  const auditId = await record(tx, now, actor, 'user.role-changed', user, { before: user.role, after: role });
  return done<Changed>({ auditId, own });
}
