import { and, eq, inArray } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { apiKeys } from '@/db/schema/api-keys';
import { invitations } from '@/db/schema/invitations';
import { passwordResets } from '@/db/schema/password-resets';
import type { User } from '@/db/schema/users';
import type { AccessEnded } from '@/lib/audit/catalogue';
import { cancelMails } from '@/lib/mail/outbox';
import { endSessions, type SessionEnd } from '@/lib/sessions/revoke';
import { isLiveKey, isOpenInvitation, openResetOf } from './open-links';

type Whose = Pick<User, 'id' | 'tenantId'>;

/**
 * Revokes the open invitation and its link, and cancels its mail if not sent yet. Returns how many were still valid (at most
 * one).
 */
export const closeInvitations = (tx: Tx, now: Date, { tenantId, id }: Whose): Promise<number> =>
  closeInvitationsOf(tx, now, tenantId, [id]);

/** The same for many people of one tenant. */
export async function closeInvitationsOf(tx: Tx, now: Date, tenantId: string, userIds: string[]): Promise<number> {
  const closed = await tx
    .update(invitations)
    .set({ revokedAt: now, tokenSealed: null })
    .where(and(eq(invitations.tenantId, tenantId), inArray(invitations.userId, userIds), isOpenInvitation()))
    .returning({ mailId: invitations.mailId, expiresAt: invitations.expiresAt });
  await cancelMailsOf(tx, now, tenantId, closed);
  return countLive(closed, now);
}

/** Revokes the open links to set a new password, and cancels their mails likewise. */
export async function closePasswordResets(tx: Tx, now: Date, user: Whose): Promise<number> {
  const closed = await tx
    .update(passwordResets)
    .set({ revokedAt: now })
    .where(openResetOf(user))
    .returning({ mailId: passwordResets.mailId, expiresAt: passwordResets.expiresAt });
  await cancelMailsOf(tx, now, user.tenantId, closed);
  return countLive(closed, now);
}

const cancelMailsOf = (tx: Tx, now: Date, tenantId: string, links: { mailId: string | null }[]): Promise<void> =>
  cancelMails(
    tx,
    now,
    tenantId,
    links.flatMap(({ mailId }) => mailId ?? []),
  );

/** Expired ones are closed too but not counted, since nobody could use them. */
const countLive = (closed: { expiresAt: Date | null }[], now: Date): number =>
  closed.filter(({ expiresAt }) => expiresAt === null || expiresAt > now).length;

async function revokeKeys(tx: Tx, now: Date, user: Whose): Promise<number> {
  const revoked = await tx
    .update(apiKeys)
    .set({ revokedAt: now })
    .where(and(eq(apiKeys.tenantId, user.tenantId), eq(apiKeys.userId, user.id), isLiveKey()))
    .returning({ expiresAt: apiKeys.expiresAt });
  return countLive(revoked, now);
}

/** Ends everything by which a person could still get in. Called wherever access ends, from every interface. */
export async function cutAccess(tx: Tx, now: Date, user: Whose, reason: SessionEnd): Promise<AccessEnded> {
  const sessionsEnded = await endSessions(tx, now, { tenantId: user.tenantId, userId: user.id }, reason);
  const keysRevoked = await revokeKeys(tx, now, user);
  const invitationsRevoked = await closeInvitations(tx, now, user);
  const resetsRevoked = await closePasswordResets(tx, now, user);
  return { sessionsEnded, keysRevoked, invitationsRevoked, resetsRevoked };
}
