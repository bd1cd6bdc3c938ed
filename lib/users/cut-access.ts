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

/** Kills the open invitation, its link and its mail if that still waits. Returns how many still worked (at most one). */
export const closeInvitations = (tx: Tx, now: Date, { tenantId, id }: Whose): Promise<number> =>
  closeInvitationsOf(tx, now, tenantId, [id]);

/** The same of many people of one tenant. */
export async function closeInvitationsOf(tx: Tx, now: Date, tenantId: string, userIds: string[]): Promise<number> {
  const closed = await tx
    .update(invitations)
    .set({ revokedAt: now, tokenSealed: null })
    .where(and(eq(invitations.tenantId, tenantId), inArray(invitations.userId, userIds), isOpenInvitation()))
    .returning({ mailId: invitations.mailId, expiresAt: invitations.expiresAt });
  await cancelMailsOf(tx, now, tenantId, closed);
  return countLive(closed, now);
}

/** Kills the open links to set a new password, and their mails as above. */
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

/** What has run out is closed too, but nobody could come in by it. */
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

/** Everything by which a person could still get in: called wherever access ends, whichever door that came through. */
export async function cutAccess(tx: Tx, now: Date, user: Whose, reason: SessionEnd): Promise<AccessEnded> {
  const sessionsEnded = await endSessions(tx, now, { tenantId: user.tenantId, userId: user.id }, reason);
  const keysRevoked = await revokeKeys(tx, now, user);
  const invitationsRevoked = await closeInvitations(tx, now, user);
  const resetsRevoked = await closePasswordResets(tx, now, user);
  return { sessionsEnded, keysRevoked, invitationsRevoked, resetsRevoked };
}
