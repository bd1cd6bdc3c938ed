import { and, count, eq, inArray } from 'drizzle-orm';
import { db } from '@/db/client';
import { apiKeys } from '@/db/schema/api-keys';
import { invitations } from '@/db/schema/invitations';
import { passwordResets } from '@/db/schema/password-resets';
import { sessions } from '@/db/schema/sessions';
import { tenants } from '@/db/schema/tenants';
import { type User, users } from '@/db/schema/users';
import { isLive, ofUser } from '@/lib/sessions/find';
import { countOtherAdmins } from './last-admin';
import { isLiveKey, openInvitationOf, openResetOf } from './open-links';

/** Live sessions of these people. */
export async function countSessions(tenantId: string, userIds: string[], now = new Date()): Promise<number> {
  if (userIds.length === 0) return 0;
  const [row] = await db
    .select({ n: count() })
    .from(sessions)
    .innerJoin(users, ofUser)
    .innerJoin(tenants, eq(tenants.id, sessions.tenantId))
    .where(and(eq(sessions.tenantId, tenantId), inArray(sessions.userId, userIds), isLive(now)));
  return row?.n ?? 0;
}

/** API keys that these people made and that still work. */
export async function countKeys(tenantId: string, userIds: string[], now = new Date()): Promise<number> {
  if (userIds.length === 0) return 0;
  const [row] = await db
    .select({ n: count() })
    .from(apiKeys)
    .where(and(eq(apiKeys.tenantId, tenantId), inArray(apiKeys.userId, userIds), isLiveKey(now)));
  return row?.n ?? 0;
}

/** Counts what would end if this person lost access now, and the admins who would remain. */
export async function consequencesFor(user: User, now = new Date()) {
  const [sessionsEnding, otherAdmins, liveKeys, openInvitations, openResets] = await Promise.all([
    countSessions(user.tenantId, [user.id], now),
    countOtherAdmins(user.tenantId, user.id),
    countKeys(user.tenantId, [user.id], now),
    db.select({ n: count() }).from(invitations).where(openInvitationOf(user, now)),
    db.select({ n: count() }).from(passwordResets).where(openResetOf(user, now)),
  ]);
  return {
    sessionsEnding,
    otherAdmins,
    liveKeys,
    openInvitations: openInvitations[0]?.n ?? 0,
    openResets: openResets[0]?.n ?? 0,
  };
}
