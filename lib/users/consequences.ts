import { and, count, eq, inArray } from 'drizzle-orm';
import { db } from '@/db/client';
import { apiKeys } from '@/db/schema/api-keys';
import { invitations } from '@/db/schema/invitations';
import { passwordResets } from '@/db/schema/password-resets';
import { sessions } from '@/db/schema/sessions';
import { tenants } from '@/db/schema/tenants';
import type { User } from '@/db/schema/users';
import { isLive } from '@/lib/sessions/find';
import { countOtherAdmins } from './last-admin';
import { liveKeyOf, openInvitationOf, openResetOf } from './open-links';

/** Live sessions of these people. */
export async function countSessions(tenantId: string, userIds: string[], now = new Date()): Promise<number> {
  if (userIds.length === 0) return 0;
  const [row] = await db
    .select({ n: count() })
    .from(sessions)
    .innerJoin(tenants, eq(tenants.id, sessions.tenantId))
    .where(and(eq(sessions.tenantId, tenantId), inArray(sessions.userId, userIds), isLive(now)));
  return row?.n ?? 0;
}

/** What would be touched if this person lost their access now. */
export async function consequencesFor(user: User, now = new Date()) {
  const [sessionsEnding, otherAdmins, liveKeys, openInvitations, openResets] = await Promise.all([
    countSessions(user.tenantId, [user.id], now),
    countOtherAdmins(user.tenantId, user.id),
    db.select({ n: count() }).from(apiKeys).where(liveKeyOf(user, now)),
    db.select({ n: count() }).from(invitations).where(openInvitationOf(user, now)),
    db.select({ n: count() }).from(passwordResets).where(openResetOf(user, now)),
  ]);
  return {
    sessionsEnding,
    otherAdmins,
    liveKeys: liveKeys[0]?.n ?? 0,
    openInvitations: openInvitations[0]?.n ?? 0,
    openResets: openResets[0]?.n ?? 0,
  };
}
