import { and, eq, isNull, ne } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { type sessionEnd, sessions } from '@/db/schema/sessions';

export type SessionEnd = (typeof sessionEnd.enumValues)[number];

type Which = { tenantId: string; userId: string; only?: string; except?: string };

/**
 * The single point where sessions end: sign-out, force sign-out, deactivation, removal and every change of a credential.
 * The next request of an ended session finds no row. Returns how many were ended.
 */
export async function endSessions(tx: Tx, now: Date, which: Which, reason: SessionEnd): Promise<number> {
  const ended = await tx
    .update(sessions)
    .set({ endedAt: now, endReason: reason })
    .where(
      and(
        eq(sessions.tenantId, which.tenantId),
        eq(sessions.userId, which.userId),
        isNull(sessions.endedAt),
        which.only === undefined ? undefined : eq(sessions.id, which.only),
        which.except === undefined ? undefined : ne(sessions.id, which.except),
      ),
    )
    .returning({ id: sessions.id });
  return ended.length;
}
