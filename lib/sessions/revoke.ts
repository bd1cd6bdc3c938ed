import { and, eq, gt, isNull, ne, type SQL, sql } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { type sessionEnd, sessions } from '@/db/schema/sessions';
import { MOST_HOURS, tenants } from '@/db/schema/tenants';
import { users } from '@/db/schema/users';
import { isLive, ofUser, type Standing, standing } from './find';

export type SessionEnd = (typeof sessionEnd.enumValues)[number];

type Which = { tenantId: string; userId: string; only?: string; except?: string };

/**
 * The single point where sessions end: sign-out, force sign-out, deactivation, removal and every change of a credential.
 * The next request of an ended session finds no row.
 */
export const endSessions = (tx: Tx, now: Date, which: Which, reason: SessionEnd): Promise<number> =>
  endSessionsWhere(
    tx,
    now,
    and(
      eq(sessions.tenantId, which.tenantId),
      eq(sessions.userId, which.userId),
      which.only === undefined ? undefined : eq(sessions.id, which.only),
      which.except === undefined ? undefined : ne(sessions.id, which.except),
    ),
    reason,
  );

/**
 * Call before a requirement (second factor, SAML) is dropped: sessions still waiting for it are ended, or they would silently
 * become open.
 */
export const endWaiting = (
  tx: Tx,
  now: Date,
  tenantId: string,
  waiting: Exclude<Standing, 'open'>,
  reason: SessionEnd,
): Promise<number> =>
  endSessionsWhere(tx, now, and(eq(sessions.tenantId, tenantId), sql`${standing} = ${waiting}`), reason);

/** Sessions older than this have expired and need no ending. A large tenant keeps a year of them. */
const LONGEST_MS = MOST_HOURS * 3_600_000;

/** Returns how many were still live. Expired ones are closed too but not counted, since nobody was using them. */
export async function endSessionsWhere(tx: Tx, now: Date, where: SQL | undefined, reason: SessionEnd): Promise<number> {
  const due = tx
    .select({ id: sessions.id, isLive: sql<boolean>`${isLive(now)}`.as('is_live') })
    .from(sessions)
    .innerJoin(users, ofUser)
    .innerJoin(tenants, eq(tenants.id, sessions.tenantId))
    .where(and(where, isNull(sessions.endedAt), gt(sessions.createdAt, new Date(now.getTime() - LONGEST_MS))))
    .as('due');
  const ended = await tx
    .update(sessions)
    .set({ endedAt: now, endReason: reason })
    .from(due)
    .where(and(eq(sessions.id, due.id), isNull(sessions.endedAt)))
    .returning({ isLive: due.isLive });
  return ended.filter(({ isLive }) => isLive).length;
}
