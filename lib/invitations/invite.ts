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
import { changesBy, type Invitee } from './changes';
import { issueInvitation } from './issue';

type Terms = {
  /** The role of somebody new, where the invitation names none. */
  newcomerRole?: Role;
  /** Refuses whom somebody else has invited meanwhile. */
  onlyNew?: boolean;
};

/**
 * Inviting again is always legal: the same person, a new link, a new expiry, the old link dead. What the newer invitation
 * names of role and names holds, with an entry; what it leaves out stays.
 */
export const invite = (
  actor: Actor,
  invitee: Invitee,
  { newcomerRole = 'standard_user', onlyNew = false }: Terms = {},
) =>
  adminDeed(actor, async (tx, now) => {
    if (!mayInviteTo(await findTenant(actor.tenantId, tx), invitee.email)) return refuse('domain-not-allowed');
    const there = await lockUserByAddress(tx, actor.tenantId, invitee.email);
    const born = there ? null : await provision(tx, now, asInvited(actor.tenantId, invitee, newcomerRole));
    // Null twice: another admin invited the same address at this moment, and has committed by now.
    const known = there ?? (born ? null : await lockUserByAddress(tx, actor.tenantId, invitee.email));

    if (known?.status === 'active') return refuse('already-user');
    if (known?.status === 'deactivated') return refuse('deactivated');
    if (known && onlyNew) return refuse('invited-meanwhile');
    const user = born ?? (known && (await renew(tx, now, actor, known, invitee)));
    if (!user) return refuse('already-user');

    const { invitationId, expiresAt } = await issueInvitation(tx, now, actor, user);
    const details = { role: user.role, invitationId, expiresAt: expiresAt.toISOString() };
    const auditId = await record(tx, now, actor, born ? 'user.invited' : 'invitation.resent', user, details);
    return done({ auditId, userId: user.id, expiresAt, again: born === null });
  });

const asInvited = (tenantId: string, { email, firstName, lastName, role }: Invitee, newcomerRole: Role) =>
  ({ tenantId, email, firstName, lastName, role: role ?? newcomerRole, status: 'invited' }) as const;

/** Leaves the same entries as a changed role and changed names do elsewhere: whoever looks for those finds these. */
async function renew(tx: Tx, now: Date, actor: Actor, user: User, invitee: Invitee): Promise<User> {
  const after = changesBy(invitee, user);
  const { role, ...names } = after;
  if (Object.keys(after).length > 0) await tx.update(users).set(after).where(eq(users.id, user.id));
  if (role) await record(tx, now, actor, 'user.role-changed', user, { before: user.role, after: role });
  if (Object.keys(names).length > 0) {
    const before = Object.fromEntries(Object.keys(names).map((name) => [name, user[name as keyof typeof names]]));
    await record(tx, now, actor, 'user.profile-changed', user, { before, after: names });
  }
  return { ...user, ...after };
}
