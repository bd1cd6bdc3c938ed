import type { Tx } from '@/db/client';
import { type User, users } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { addressChangedMessage } from '@/lib/mail/messages/address-changed';
import { enqueue } from '@/lib/mail/outbox';
import { done, refuse } from '@/lib/outcome';
import { findTenant } from '@/lib/tenants/find';
import { orAddressTaken } from './address';
import { closePasswordResets } from './cut-access';
import { deedOnUser } from './deed';
import { nameOfActor, rowOf } from './find';
import { hasRecentProof } from './own-deed';
import { mayEditProfile } from './policy';

type Profile = { firstName: string; lastName: string; email: string };
/** Null if nothing changed. */
type Changed = { auditId: string | null };

/**
 * Changes names and the sign-in address; the address requires a fresh proof. Both the old and the new address are notified, and
 * reset links sent to the old one are revoked. An invited person's address cannot be changed: invite the new one instead, since
 * the link proves the address.
 */
export const editProfile = (actor: Actor, input: { userId: string } & Partial<Profile>) =>
  orAddressTaken(
    deedOnUser(actor, input.userId, async (tx, now, user) => {
      const { email = user.email } = input;
      if (email !== user.email && !(await hasRecentProof(tx, now, actor))) return refuse('proof-needed');
      return editProfileIn(tx, now, actor, user, input);
    }),
  );

/** The same as part of a larger transaction. If the address is taken, the unique index throws. */
export async function editProfileIn(tx: Tx, now: Date, actor: Actor, user: User, profile: Partial<Profile>) {
  const refusal = mayEditProfile(actor, user);
  if (refusal) return refuse(refusal);
  const after = changedFields(user, profile);
  if (Object.keys(after).length === 0) return done<Changed>({ auditId: null });
  if (after.email !== undefined && user.status === 'invited') return refuse('invited-address');
  await tx.update(users).set(after).where(rowOf(user));
  if (after.email !== undefined) await tellBothAddresses(tx, now, actor, user, after.email);
  const before = Object.fromEntries(Object.keys(after).map((field) => [field, user[field as keyof Profile]]));
  const auditId = await record(tx, now, actor, 'user.profile-changed', user, { before, after });
  return done<Changed>({ auditId });
}

/** Omitted fields stay as they are. */
function changedFields(user: User, profile: Partial<Profile>): Partial<Profile> {
  const fields = ['firstName', 'lastName', 'email'] as const;
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = profile[field] ?? user[field];
      return value === user[field] ? [] : [[field, value]];
    }),
  );
}

/** Also revokes the reset links that were sent to the old address. */
export async function tellBothAddresses(tx: Tx, now: Date, actor: Actor, user: User, address: string): Promise<void> {
  await closePasswordResets(tx, now, user);
  const { name: tenantName } = await findTenant(user.tenantId, tx);
  const changedBy = await nameOfActor(tx, actor);
  const message = addressChangedMessage({ tenantName, before: user.email, after: address, changedBy });
  // If only the letter case changes, both are one mailbox.
  const isSameMailbox = address.toLowerCase() === user.email.toLowerCase();
  for (const each of isSameMailbox ? [address] : [user.email, address]) {
    await enqueue(tx, now, { tenantId: user.tenantId, userId: user.id, address: each }, 'address-changed', message);
  }
}
