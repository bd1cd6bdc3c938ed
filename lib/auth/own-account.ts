import { eq } from 'drizzle-orm';
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
import { findUser, lockUser } from '@/lib/users/find';

/** What people do to their own account and sessions. The actor is the subject: there is nobody else to name. */
const self = (actor: UserActor) => ({ id: actor.userId, email: actor.label });
const own = (actor: UserActor) => ({ tenantId: actor.tenantId, userId: actor.userId });

export const signOut = (actor: UserActor) =>
  transaction(async (tx, now) => {
    await endSessions(tx, now, { ...own(actor), only: actor.sessionId }, 'signed-out');
    await record(tx, now, actor, 'user.signed-out', self(actor), {});
    return done({});
  });

export const endOwnSession = (actor: UserActor, input: { sessionId: string }) =>
  transaction(async (tx, now) => {
    const session = await findRunningSession(tx, own(actor), input.sessionId);
    if (!session) return refuse('session-not-found');
    await endSessions(tx, now, { ...own(actor), only: input.sessionId }, 'signed-out');
    const details = { endedSessionId: input.sessionId, device: deviceName(session.userAgent) };
    await record(tx, now, actor, 'session.ended', self(actor), details);
    return done({});
  });

export const endOtherSessions = (actor: UserActor) =>
  transaction(async (tx, now) => {
    const sessionsEnded = await endSessions(tx, now, { ...own(actor), except: actor.sessionId }, 'signed-out');
    await record(tx, now, actor, 'user.sessions-ended', self(actor), { sessionsEnded });
    return done({ sessionsEnded });
  });

export const editOwnNames = (actor: UserActor, { firstName, lastName }: { firstName: string; lastName: string }) =>
  transaction(async (tx, now) => {
    const user = await lockUser(tx, actor.tenantId, actor.userId);
    if (user?.status !== 'active') return refuse('not-active');
    if (user.profileManagedBy !== null) return refuse('profile-managed');
    if (user.firstName === firstName && user.lastName === lastName) return done({});
    await tx.update(users).set({ firstName, lastName }).where(eq(users.id, user.id));
    const before = { firstName: user.firstName, lastName: user.lastName };
    await record(tx, now, actor, 'user.profile-changed', user, { before, after: { firstName, lastName } });
    return done({});
  });

/** Asks for the current password, with the same limit as signing in; ends the other sessions. */
export async function changePassword(actor: UserActor, input: { current: string; password: string }) {
  const seen = await findUser(actor.tenantId, actor.userId);
  if (!seen) return refuse('not-active');
  if ((await take(LIMITS.signInAccount, seen.email)) > 0) return refuse('limited');
  if (!(await verifyPassword(seen.passwordHash, input.current))) return refuse('wrong-password');
  const tenant = await findTenant(actor.tenantId);
  const problem = passwordProblem(input.password, [seen.email, tenant.name]);
  if (problem) return refuse(problem);
  const passwordHash = await hashPassword(input.password);

  return transaction(async (tx, now) => {
    const user = await lockUser(tx, actor.tenantId, actor.userId);
    if (user?.status !== 'active' || user.passwordHash !== seen.passwordHash) return refuse('wrong-password');
    await tx.update(users).set({ passwordHash }).where(eq(users.id, user.id));
    const sessionsEnded = await endSessions(tx, now, { ...own(actor), except: actor.sessionId }, 'password-changed');
    await record(tx, now, actor, 'password.changed', user, { sessionsEnded });
    return done({ sessionsEnded });
  });
}
