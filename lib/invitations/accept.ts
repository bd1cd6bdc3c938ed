import { isDeepStrictEqual } from 'node:util';
import { users } from '@/db/schema/users';
import { transaction } from '@/db/transaction';
import { type Origin, systemActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { hashPassword, passwordProblem } from '@/lib/crypto/password';
import { done, refuse } from '@/lib/outcome';
import type { LiveSession } from '@/lib/sessions/find';
import { holdTenant } from '@/lib/tenants/find';
import { enter } from '@/lib/users/enter';
import { lockUser, rowOf } from '@/lib/users/find';
import { findOpenInvitation } from './find-open';
import { takeInvitation } from './take';

type Acceptance = { token: string; firstName: string; lastName: string; password: string };

/**
 * Handles the person's own POST: consumes the link, sets names and password, activates the account and signs in. The link is
 * claimed by a conditional update, so that one of two concurrent posts wins.
 */
export async function acceptInvitation(input: Acceptance, origin: Origin, previous: LiveSession | null = null) {
  const seen = await findOpenInvitation(input.token);
  if (!seen) return refuse('link-dead');
  const problem = passwordProblem(input.password, [seen.email, seen.tenantName]);
  if (problem) return refuse(problem);
  const passwordHash = await hashPassword(input.password);

  return transaction(async (tx, now) => {
    // An invited person is not a break-glass admin yet, so they must sign in by the identity provider.
    if ((await holdTenant(tx, seen.tenantId)).saml === 'required') return refuse('saml-required');
    const user = await lockUser(tx, seen.tenantId, seen.userId);
    if (user?.status !== 'invited') return refuse('link-dead');
    const invitationId = await takeInvitation(tx, now, user, input.token);
    if (!invitationId) return refuse('link-dead');

    const given = { firstName: input.firstName, lastName: input.lastName };
    const had = { firstName: user.firstName, lastName: user.lastName };
    const isRenamed = user.profileManagedBy === null && !isDeepStrictEqual(given, had);
    await tx
      .update(users)
      .set({ ...(isRenamed ? given : {}), passwordHash, status: 'active' })
      .where(rowOf(user));
    const holder = { ...systemActor(user.tenantId), id: user.id, label: user.email, origin };
    const change = isRenamed ? { before: had, after: given } : {};
    await record(tx, now, holder, 'invitation.accepted', user, { invitationId, ...change });
    const session = await enter(tx, now, user, { method: 'password', expected: true }, origin, previous);
    return done({ session });
  });
}
