import type { Tx } from '@/db/client';
import { acrossTenants } from '@/db/tenant-wall';
import { asActor, type Origin } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import type { LiveSession } from './find';
import { endSessions } from './revoke';

/** A browser holds one session. A new sign-in signs out whoever was signed in there, in this tenant or another. */
export const endPrevious = async (tx: Tx, now: Date, previous: LiveSession | null, origin: Origin): Promise<void> =>
  previous ? acrossTenants(() => end(tx, now, previous, origin)) : undefined;

async function end(tx: Tx, now: Date, previous: LiveSession, origin: Origin): Promise<void> {
  const { userId, tenantId, sessionId, role, email } = previous;
  const ended = await endSessions(tx, now, { tenantId, userId, only: sessionId }, 'replaced');
  if (ended === 0 || previous.standing !== 'open') return;
  const actor = asActor({ id: userId, tenantId, role, email }, sessionId, origin);
  await record(tx, now, actor, 'user.signed-out', { id: userId, email }, {});
}
