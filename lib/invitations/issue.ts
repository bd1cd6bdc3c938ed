import type { Tx } from '@/db/client';
import { newId } from '@/db/id';
import { invitations } from '@/db/schema/invitations';
import type { User } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import { seal } from '@/lib/crypto/seal';
import { hashToken, newToken } from '@/lib/crypto/tokens';
import { invitationMessage } from '@/lib/mail/messages/invitation';
import { enqueue } from '@/lib/mail/outbox';
import { findTenant } from '@/lib/tenants/find';
import { closeInvitations } from '@/lib/users/cut-access';
import { nameOfActor } from '@/lib/users/find';
import { invitationUrl, LINK_PURPOSE } from './link';

const HOUR_MS = 3_600_000;

/**
 * The single point where an invitation is made: the one before it dies, the new one is valid for the tenant's number of
 * hours, and its mail waits in the outbox. All in the caller's transaction.
 */
export async function issueInvitation(
  tx: Tx,
  now: Date,
  actor: Actor,
  user: User,
): Promise<{ invitationId: string; expiresAt: Date }> {
  await closeInvitations(tx, now, user);
  const tenant = await findTenant(user.tenantId, tx);
  const invitationId = newId(now);
  const token = newToken();
  const expiresAt = new Date(now.getTime() + tenant.invitationHours * HOUR_MS);
  const inviterName = await nameOfActor(tx, actor, tenant.name);
  const message = invitationMessage({
    tenantName: tenant.name,
    inviterName,
    address: user.email,
    role: user.role,
    expiresAt,
    url: invitationUrl(token),
  });
  const to = { tenantId: user.tenantId, userId: user.id, address: user.email };
  const mailId = await enqueue(tx, now, to, 'invitation', message, expiresAt);
  await tx.insert(invitations).values({
    id: invitationId,
    tenantId: user.tenantId,
    userId: user.id,
    inviterName,
    tokenHash: hashToken(token),
    tokenSealed: seal(token, LINK_PURPOSE),
    mailId,
    createdAt: now,
    expiresAt,
  });
  return { invitationId, expiresAt };
}
