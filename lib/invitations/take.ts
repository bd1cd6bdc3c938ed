import { and, eq } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { invitations } from '@/db/schema/invitations';
import type { User } from '@/db/schema/users';
import { hashToken } from '@/lib/crypto/tokens';
import { cancelMails } from '@/lib/mail/outbox';
import { openInvitationOf } from '@/lib/users/open-links';

/**
 * Marks the open invitation as accepted, by its link or by an equivalent proof. Cancels its mail if not sent yet, since the link
 * is dead. Null if there is none; of two concurrent calls the later one gets null.
 */
export async function takeInvitation(
  tx: Tx,
  now: Date,
  user: Pick<User, 'id' | 'tenantId'>,
  token?: string,
): Promise<string | null> {
  const [taken] = await tx
    .update(invitations)
    .set({ acceptedAt: now, tokenSealed: null })
    .where(and(openInvitationOf(user, now), token ? eq(invitations.tokenHash, hashToken(token)) : undefined))
    .returning({ id: invitations.id, mailId: invitations.mailId });
  if (!taken) return null;
  if (taken.mailId) await cancelMails(tx, now, user.tenantId, [taken.mailId]);
  return taken.id;
}
