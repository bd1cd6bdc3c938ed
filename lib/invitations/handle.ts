import type { Tx } from '@/db/client';
import { invitations } from '@/db/schema/invitations';
import type { User } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { unseal } from '@/lib/crypto/seal';
import { done, refuse } from '@/lib/outcome';
import { findTenant } from '@/lib/tenants/find';
import { mayInviteTo } from '@/lib/tenants/invitation-domains';
import { closeInvitations } from '@/lib/users/cut-access';
import { deedOnUser } from '@/lib/users/deed';
import { openInvitationOf } from '@/lib/users/open-links';
import { hasRecentProof } from '@/lib/users/own-deed';
import { mayHandleInvitation } from '@/lib/users/policy';
import { invitedOften, issueInvitation } from './issue';
import { invitationUrl, LINK_PURPOSE } from './link';

/** Mails a new link with a new expiry, also if the old one has expired or was revoked. */
export const resendInvitation = (actor: Actor, input: { userId: string }) =>
  deedOnUser(actor, input.userId, (tx, now, user) => resendInvitationIn(tx, now, actor, user));

/** The same as part of a larger transaction. */
export async function resendInvitationIn(tx: Tx, now: Date, actor: Actor, user: User) {
  const refusal = mayHandleInvitation(actor, user);
  if (refusal) return refuse(refusal);

  if (!mayInviteTo(await findTenant(user.tenantId, tx), user.email)) return refuse('domain-not-allowed');
  if ((await invitedOften(tx, now, user.tenantId, [user.email], [user])).size > 0) return refuse('invited-often');
  const { invitationId, expiresAt } = await issueInvitation(tx, now, actor, user);
  const details = { role: user.role, invitationId, expiresAt: expiresAt.toISOString() };
  const auditId = await record(tx, now, actor, 'invitation.resent', user, details);
  return done({ auditId, expiresAt });
}

/** Revokes the link at once. The person stays listed, to be invited again or removed. */
export const revokeInvitation = (actor: Actor, input: { userId: string }) =>
  deedOnUser(actor, input.userId, async (tx, now, user) => {
    const refusal = mayHandleInvitation(actor, user);
    if (refusal) return refuse(refusal);

    const [open] = await tx.select({ id: invitations.id }).from(invitations).where(openInvitationOf(user));
    if (!open) return refuse('no-open-invitation');
    await closeInvitations(tx, now, user);
    const auditId = await record(tx, now, actor, 'invitation.revoked', user, { invitationId: open.id });
    return done({ auditId });
  });

/** The link lets anybody become that person, so showing it requires a fresh proof and writes an audit entry. */
export const showInvitationLink = (actor: Actor, input: { userId: string }) =>
  deedOnUser(actor, input.userId, async (tx, now, user) => {
    const refusal = mayHandleInvitation(actor, user);
    if (refusal) return refuse(refusal);
    if (!(await hasRecentProof(tx, now, actor))) return refuse('proof-needed');

    const [open] = await tx
      .select({ id: invitations.id, tokenSealed: invitations.tokenSealed, expiresAt: invitations.expiresAt })
      .from(invitations)
      .where(openInvitationOf(user, now));
    const token = open?.tokenSealed ? unseal(open.tokenSealed, LINK_PURPOSE) : null;
    if (!open || token === null) return refuse('no-open-invitation');
    await record(tx, now, actor, 'invitation.link-shown', user, { invitationId: open.id });
    return done({ url: invitationUrl(token), expiresAt: open.expiresAt });
  });
