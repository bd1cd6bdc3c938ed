import type { Tx } from '@/db/client';
import type { User } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { deviceName } from '@/lib/sessions/device';
import { findRunningSession } from '@/lib/sessions/find';
import { endSessions } from '@/lib/sessions/revoke';
import { deedOnUser } from './deed';
import { maySignOut } from './policy';

/** Force sign-out: ends every session of the person, who may sign in again. */
export const forceSignOut = (actor: Actor, input: { userId: string }) =>
  deedOnUser(actor, input.userId, (tx, now, user) => forceSignOutIn(tx, now, actor, user));

/** The same as part of a larger transaction. */
export async function forceSignOutIn(tx: Tx, now: Date, actor: Actor, user: User) {
  const refusal = maySignOut(actor, user);
  if (refusal) return refuse(refusal);

  const sessionsEnded = await endSessions(tx, now, { tenantId: user.tenantId, userId: user.id }, 'forced');
  const auditId = await record(tx, now, actor, 'user.sessions-ended', user, { sessionsEnded });
  return done({ auditId, sessionsEnded });
}

/** Ends one session. A session that is another person's, or has ended, is not found. */
export const endSession = (actor: Actor, input: { userId: string; sessionId: string }) =>
  deedOnUser(actor, input.userId, async (tx, now, user) => {
    const session = await findRunningSession(tx, { tenantId: user.tenantId, userId: user.id }, input.sessionId);
    if (!session) return refuse('session-not-found');

    await endSessions(tx, now, { tenantId: user.tenantId, userId: user.id, only: input.sessionId }, 'forced');
    const details = { endedSessionId: input.sessionId, device: deviceName(session.userAgent) };
    const auditId = await record(tx, now, actor, 'session.ended', user, details);
    return done({ auditId });
  });
