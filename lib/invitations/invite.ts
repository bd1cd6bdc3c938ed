import { eq } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { type User, users } from '@/db/schema/users';
import type { Actor, Role } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { findTenant } from '@/lib/tenants/find';
import { mayInviteTo } from '@/lib/tenants/invitation-domains';
import { adminDeed } from '@/lib/users/deed';
import { lockUserByAddress } from '@/lib/users/find';
import { provision } from '@/lib/users/provision';
import { issueInvitation } from './issue';

export type Invitee = { email: string; firstName: string; lastName: string; role: Role };

/**
 * Inviting again is always legal: the same person, a new link, a new expiry, the old link dead. What the newer invitation
 * says of role and names holds.
 */
export const invite = (actor: Actor, invitee: Invitee) =>
  adminDeed(actor, async (tx, now) => {
    if (!mayInviteTo(await findTenant(actor.tenantId, tx), invitee.email)) return refuse('domain-not-allowed');
    const there = await lockUserByAddress(tx, actor.tenantId, invitee.email);
    const born = there ? null : await provision(tx, now, asInvited(actor.tenantId, invitee));
    // Null twice: another admin invited the same address at this moment, and has committed by now.
    const known = there ?? (born ? null : await lockUserByAddress(tx, actor.tenantId, invitee.email));

    if (known?.status === 'active') return refuse('already-user');
    if (known?.status === 'deactivated') return refuse('deactivated');
    const user = born ?? (known && (await takeOver(tx, known, invitee)));
    if (!user) return refuse('already-user');

    const { invitationId, expiresAt } = await issueInvitation(tx, now, actor, user);
    const details = { role: user.role, invitationId, expiresAt: expiresAt.toISOString() };
    const auditId = await record(tx, now, actor, born ? 'user.invited' : 'invitation.resent', user, details);
    return done({ auditId, userId: user.id, expiresAt, again: born === null });
  });

const asInvited = (tenantId: string, { email, firstName, lastName, role }: Invitee) =>
  ({ tenantId, email, firstName, lastName, role, status: 'invited' }) as const;

async function takeOver(tx: Tx, user: User, invitee: Invitee): Promise<User> {
  const newer = {
    role: user.roleManagedBy === null ? invitee.role : user.role,
    firstName: invitee.firstName || user.firstName,
    lastName: invitee.lastName || user.lastName,
  };
  await tx.update(users).set(newer).where(eq(users.id, user.id));
  return { ...user, ...newer };
}
