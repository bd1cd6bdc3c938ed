import { and, eq, gt, lt } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { type User, users } from '@/db/schema/users';
import { acrossTenants } from '@/db/tenant-wall';
import { transaction } from '@/db/transaction';
import { type Actor, systemActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { orAddressTaken } from './address';
import { cutAccess } from './cut-access';
import { deedOnUser, guardedDeedOnUser } from './deed';
import { closeOtherInvitations, forgetDeparture, namesOf, noteDeparture } from './departures';
import { emailField } from './fields';
import { isAddressHeld, lockUser, rowOf, wasRemovedByProvider } from './find';
import { countOtherAdmins } from './last-admin';
import { mayRemove, mayRestore, RESTORE_DAYS } from './policy';
import { tellAccessRemoved } from './tell';

const isSameAddress = (typed: string, email: string) =>
  (emailField.safeParse(typed).data ?? typed.trim()).toLowerCase() === email.toLowerCase();

/**
 * Removes the person from every list but that of removed people, and frees their address. An admin can restore them for 30 days.
 * `typed` is the address as entered on the page to confirm.
 */
export const remove = (actor: Actor, input: { userId: string; typed?: string }) =>
  guardedDeedOnUser(actor, input.userId, async (tx, now, user) => {
    const refusal = await refusalToRemove(tx, actor, user);
    if (refusal) return refuse(refusal);
    if (input.typed !== undefined && !isSameAddress(input.typed, user.email)) return refuse('address-mismatch');
    return removeIn(tx, now, actor, user);
  });

const refusalToRemove = async (tx: Tx, actor: Actor, user: User) =>
  mayRemove(actor, user, await countOtherAdmins(user.tenantId, user.id, tx));

/** The same as part of a larger transaction, which must hold the tenant's lock. */
export async function removeIn(tx: Tx, now: Date, actor: Actor, user: User) {
  const refusal = await refusalToRemove(tx, actor, user);
  if (refusal) return refuse(refusal);

  const scimDeprovisionedAt = actor.kind === 'scim' ? now : user.scimDeprovisionedAt;
  await tx
    .update(users)
    .set({
      status: 'removed',
      removedAt: now,
      statusBeforeRemoval: user.status,
      scimDeprovisionedAt,
      breakGlass: false,
    })
    .where(rowOf(user));
  const ended = await cutAccess(tx, now, user, 'removed');
  await tellAccessRemoved(tx, now, actor, user);
  // The departure record outlives the row: a person deleted by the provider must not come back by a sign-in after the erasure.
  if (scimDeprovisionedAt) {
    await noteDeparture(tx, now, user.tenantId, await namesOf(tx, user));
    await closeOtherInvitations(tx, now, actor, user);
  }
  const auditId = await record(tx, now, actor, 'user.removed', user, ended);
  return done({ auditId, ...ended });
}

const RELEASED = {
  scimUserName: null,
  scimExternalId: null,
  scimAttributes: null,
  scimDeprovisionedAt: null,
  profileManagedBy: null,
  roleManagedBy: null,
} as const;

/** Restores the person as they were, without sessions. If they were still invited, they need a new invitation. */
export const restore = (actor: Actor, input: { userId: string }) =>
  orAddressTaken(deedOnUser(actor, input.userId, (tx, now, user) => restoreIn(tx, now, actor, user)));

/** The same as part of a larger transaction. Throws if somebody takes the address at the same moment. */
export async function restoreIn(tx: Tx, now: Date, actor: Actor, user: User) {
  const refusal = mayRestore(actor, user, await isAddressHeld(user, tx), now);
  if (refusal) return refuse(refusal);

  const status = user.statusBeforeRemoval ?? 'deactivated';
  // People whom the identity provider deleted are no longer managed by it, so they are restored as managed here.
  const released = wasRemovedByProvider(user) ? RELEASED : {};
  await tx
    .update(users)
    .set({ status, removedAt: null, statusBeforeRemoval: null, ...released })
    .where(rowOf(user));
  await forgetDeparture(tx, user.tenantId, await namesOf(tx, user));
  const auditId = await record(tx, now, actor, 'user.restored', user, { status });
  return done({ auditId, status });
}

/**
 * Erases people removed more than 30 days ago and returns how many. Their audit entries keep the snapshots. A failure for one
 * person does not stop the others; the first error is thrown at the end.
 */
export async function eraseRemoved(now = new Date()): Promise<number> {
  const before = new Date(now.getTime() - RESTORE_DAYS * 86_400_000);
  const failures: unknown[] = [];
  let erased = 0;
  let last: string | undefined;
  do {
    const due = await acrossTenants(() => listDue(before, last));
    for (const { id, tenantId } of due) {
      await transaction(async (tx) => {
        const user = await lockUser(tx, tenantId, id);
        if (!user?.removedAt || user.removedAt >= before) return;
        await tx.delete(users).where(rowOf(user));
        await record(tx, now, systemActor(tenantId), 'user.erased', user, {});
        erased++;
      }).catch((error: unknown) => failures.push(error));
    }
    last = due.length < ERASED_AT_ONCE ? undefined : due.at(-1)?.id;
  } while (last);
  if (failures.length > 0) throw failures[0];
  return erased;
}

const ERASED_AT_ONCE = 1_000;

const listDue = (before: Date, after: string | undefined) =>
  db
    .select({ id: users.id, tenantId: users.tenantId })
    .from(users)
    .where(and(eq(users.status, 'removed'), lt(users.removedAt, before), after ? gt(users.id, after) : undefined))
    .orderBy(users.id)
    .limit(ERASED_AT_ONCE);
