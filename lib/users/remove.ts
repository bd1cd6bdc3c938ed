import { and, eq, lt } from 'drizzle-orm';
import { db } from '@/db/client';
import { users } from '@/db/schema/users';
import { transaction } from '@/db/transaction';
import { type Actor, systemActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { orAddressTaken } from './address';
import { cutAccess } from './cut-access';
import { deedOnUser, guardedDeedOnUser } from './deed';
import { isAddressHeld, lockUser } from './find';
import { countOtherAdmins } from './last-admin';
import { mayRemove, mayRestore, RESTORE_DAYS } from './policy';

const isSameAddress = (typed: string, email: string) => typed.trim().toLowerCase() === email.toLowerCase();

/**
 * The person is gone from every list and their address is free; for 30 days an admin can bring them back.
 * `typed` is the address as somebody at a page had to type it.
 */
export const remove = (actor: Actor, input: { userId: string; typed?: string }) =>
  guardedDeedOnUser(actor, input.userId, async (tx, now, user) => {
    const refusal = mayRemove(actor, user, await countOtherAdmins(user.tenantId, user.id, tx));
    if (refusal) return refuse(refusal);
    if (input.typed !== undefined && !isSameAddress(input.typed, user.email)) return refuse('address-mismatch');

    await tx
      .update(users)
      .set({ status: 'removed', removedAt: now, statusBeforeRemoval: user.status })
      .where(eq(users.id, user.id));
    const ended = await cutAccess(tx, now, user, 'removed');
    const auditId = await record(tx, now, actor, 'user.removed', user, ended);
    return done({ auditId, ...ended });
  });

/** As the person was, without sessions; somebody who was still invited needs a new invitation. */
export const restore = (actor: Actor, input: { userId: string }) =>
  orAddressTaken(
    deedOnUser(actor, input.userId, async (tx, now, user) => {
      const refusal = mayRestore(actor, user, await isAddressHeld(user, tx), now);
      if (refusal) return refuse(refusal);

      const status = user.statusBeforeRemoval ?? 'deactivated';
      await tx.update(users).set({ status, removedAt: null, statusBeforeRemoval: null }).where(eq(users.id, user.id));
      const auditId = await record(tx, now, actor, 'user.restored', user, { status });
      return done({ auditId, status });
    }),
  );

/**
 * Erases who was removed more than 30 days ago; the audit entries keep their snapshots. Returns how many. Somebody who
 * cannot be erased keeps nobody else from it.
 */
export async function eraseRemoved(now = new Date()): Promise<number> {
  const before = new Date(now.getTime() - RESTORE_DAYS * 86_400_000);
  const due = await db
    .select({ id: users.id, tenantId: users.tenantId })
    .from(users)
    .where(and(eq(users.status, 'removed'), lt(users.removedAt, before)))
    .limit(1000);
  const failures: unknown[] = [];
  for (const { id, tenantId } of due) {
    await transaction(async (tx) => {
      const user = await lockUser(tx, tenantId, id);
      if (!user?.removedAt || user.removedAt >= before) return;
      await tx.delete(users).where(eq(users.id, id));
      await record(tx, now, systemActor(tenantId), 'user.erased', user, {});
    }).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
  return due.length;
}
