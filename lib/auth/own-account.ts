import { and, eq } from 'drizzle-orm';
import { knownDevices } from '@/db/schema/factors';
import { users } from '@/db/schema/users';
import { transaction } from '@/db/transaction';
import type { UserActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { hashPassword, passwordProblem, verifyPassword } from '@/lib/crypto/password';
import { done, refuse } from '@/lib/outcome';
import { LIMITS, take } from '@/lib/rate-limit';
import { deviceName } from '@/lib/sessions/device';
import { findRunningSession } from '@/lib/sessions/find';
import { endSessions } from '@/lib/sessions/revoke';
import { findTenant } from '@/lib/tenants/find';
import { closePasswordResets, cutAccess } from '@/lib/users/cut-access';
import { findUser, rowOf } from '@/lib/users/find';
import { ownDeed, runningSession } from '@/lib/users/own-deed';
import { mayProvePassword } from '@/lib/users/password-allowed';
import { editProfileIn } from '@/lib/users/profile';
import { placeOf, tell } from '@/lib/users/tell';
import { recordWrongPassword } from './confirm';
import { issueReset } from './forgot-password';

/** Commands of people on their own account and sessions. The actor is always the subject, so no other person is named. */
const own = (actor: UserActor) => ({ tenantId: actor.tenantId, userId: actor.userId });

/** Also ends a session that is not open yet, but records nothing for it: knowing the password alone is no sign-in. */
export const signOut = (actor: UserActor) =>
  transaction(async (tx, now) => {
    const wasOpen = (await runningSession(tx, actor))?.standing === 'open';
    await endSessions(tx, now, { ...own(actor), only: actor.sessionId }, 'signed-out');
    if (wasOpen) await record(tx, now, actor, 'user.signed-out', { id: actor.userId, email: actor.label }, {});
    return done({});
  });

export const endOwnSession = (actor: UserActor, input: { sessionId: string }) =>
  ownDeed(actor, async (tx, now, user) => {
    const session = await findRunningSession(tx, own(actor), input.sessionId);
    if (!session) return refuse('session-not-found');
    await endSessions(tx, now, { ...own(actor), only: input.sessionId }, 'signed-out');
    const details = { endedSessionId: input.sessionId, device: deviceName(session.userAgent) };
    await record(tx, now, actor, 'session.ended', user, details);
    return done({});
  });

export const endOtherSessions = (actor: UserActor) =>
  ownDeed(actor, async (tx, now, user) => {
    const sessionsEnded = await endSessions(tx, now, { ...own(actor), except: actor.sessionId }, 'signed-out');
    await record(tx, now, actor, 'user.sessions-ended', user, { sessionsEnded });
    return done({ sessionsEnded });
  });

export const editOwnNames = (actor: UserActor, { firstName, lastName }: { firstName: string; lastName: string }) =>
  ownDeed(actor, (tx, now, user) => editProfileIn(tx, now, actor, user, { firstName, lastName }));

/** Needs the current password. Ends the other sessions and the reset links that are still open. */
export async function changePassword(actor: UserActor, input: { currentPassword: string; password: string }) {
  const seen = await findUser(actor.tenantId, actor.userId);
  if (!seen) return refuse('signed-out');
  if ((await take(LIMITS.confirmAccount, actor.userId)) > 0) return refuse('limited');
  if (!(await verifyPassword(seen.passwordHash, input.currentPassword))) {
    await recordWrongPassword(actor, seen);
    return refuse('wrong-password');
  }
  const tenant = await findTenant(actor.tenantId);
  const problem = passwordProblem(input.password, [seen.email, tenant.name]);
  if (problem) return refuse(problem);
  const passwordHash = await hashPassword(input.password);

  return ownDeed(actor, async (tx, now, user) => {
    if (user.passwordHash !== seen.passwordHash) return refuse('wrong-password');
    await tx.update(users).set({ passwordHash }).where(rowOf(user));
    const sessionsEnded = await endSessions(tx, now, { ...own(actor), except: actor.sessionId }, 'password-changed');
    await closePasswordResets(tx, now, user);
    await record(tx, now, actor, 'password.changed', user, { sessionsEnded });
    await tell(tx, now, user, { kind: 'password-changed', from: placeOf(actor.origin) });
    return done({ sessionsEnded });
  });
}

/**
 * "This was not me": somebody else knows the password or holds a cookie. Ends every session and API key, since that person
 * may have made them. The password opens nothing until a new one is set by mail, and all known browsers are forgotten.
 * Needs no recent proof, since it only takes access away.
 */
export const reportStolen = (actor: UserActor) =>
  ownDeed(actor, async (tx, now, user) => {
    const hasPassword = user.passwordHash !== null;
    if (hasPassword) await tx.update(users).set({ passwordResetRequired: true }).where(rowOf(user));
    await tx
      .delete(knownDevices)
      .where(and(eq(knownDevices.tenantId, user.tenantId), eq(knownDevices.userId, user.id)));
    const { sessionsEnded, keysRevoked } = await cutAccess(tx, now, user, 'not-me');
    await record(tx, now, actor, 'account.reported-stolen', user, { sessionsEnded, keysRevoked });
    const { saml } = await findTenant(actor.tenantId, tx);
    // A link that would be refused is not sent.
    const isMailed = hasPassword && (await mayProvePassword(user, saml, tx));
    if (isMailed) await issueReset(tx, now, actor, user, 'reported-stolen');
    return done({ sessionsEnded, keysRevoked, isMailed });
  });
