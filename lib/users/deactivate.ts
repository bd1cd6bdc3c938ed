import type { Tx } from '@/db/client';
import { type User, users } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { cutAccess } from './cut-access';
import { deedOnUser, guardedDeedOnUser } from './deed';
import { closeOtherInvitations } from './departures';
import { rowOf } from './find';
import { countOtherAdmins } from './last-admin';
import { mayDeactivate, mayReactivate } from './policy';
import { tellAccessRemoved } from './tell';

/** Ends every session, API key and open link in the same transaction. The account, its role and its history stay. */
export const deactivate = (actor: Actor, input: { userId: string }) =>
  guardedDeedOnUser(actor, input.userId, (tx, now, user) => deactivateIn(tx, now, actor, user));

/** The same as part of a larger transaction, which must hold the tenant's lock. */
export async function deactivateIn(tx: Tx, now: Date, actor: Actor, user: User) {
  const refusal = mayDeactivate(actor, user, await countOtherAdmins(user.tenantId, user.id, tx));
  if (refusal) return refuse(refusal);

  const scimDeprovisionedAt = actor.kind === 'scim' ? now : null;
  await tx.update(users).set({ status: 'deactivated', scimDeprovisionedAt }).where(rowOf(user));
  const ended = await cutAccess(tx, now, user, 'deactivated');
  if (scimDeprovisionedAt) await closeOtherInvitations(tx, now, actor, user);
  await tellAccessRemoved(tx, now, actor, user);
  const auditId = await record(tx, now, actor, 'user.deactivated', user, ended);
  return done({ auditId, ...ended });
}

/** The person can sign in again with the password they had. No session is restored. */
export const reactivate = (actor: Actor, input: { userId: string }) =>
  deedOnUser(actor, input.userId, (tx, now, user) => reactivateIn(tx, now, actor, user));

export async function reactivateIn(tx: Tx, now: Date, actor: Actor, user: User) {
  const refusal = mayReactivate(actor, user);
  if (refusal) return refuse(refusal);

  await tx.update(users).set({ status: 'active', scimDeprovisionedAt: null }).where(rowOf(user));
  const auditId = await record(tx, now, actor, 'user.reactivated', user, {});
  return done({ auditId });
}
