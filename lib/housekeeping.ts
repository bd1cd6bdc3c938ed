import { and, inArray, lt, or, sql } from 'drizzle-orm';
import { db } from '@/db/client';
import { knownDevices, passkeyChallenges, totpEnrolments } from '@/db/schema/factors';
import { mails } from '@/db/schema/mails';
import { passwordResets } from '@/db/schema/password-resets';
import { rateLimits } from '@/db/schema/rate-limits';
import { samlArrivals, samlSpentIds } from '@/db/schema/saml';
import { sessions } from '@/db/schema/sessions';
import { setupLinks } from '@/db/schema/tenants';
import { eraseRemoved } from '@/lib/users/remove';

const DAY_MS = 86_400_000;
const KEEP_DAYS = 30;
/** Longer than any tenant lets a session live. */
const SESSION_DAYS = 400;

/** Clears what nobody needs any more. Safe to run in several processes at once, and at any time. */
export async function tidy(now = new Date()): Promise<void> {
  const before = (days: number) => new Date(now.getTime() - days * DAY_MS);
  await eraseRemoved(now);
  await db.delete(rateLimits).where(lt(rateLimits.windowEndsAt, now));
  await db.delete(passkeyChallenges).where(lt(passkeyChallenges.expiresAt, now));
  await db.delete(totpEnrolments).where(lt(totpEnrolments.createdAt, before(1)));
  await db.delete(knownDevices).where(lt(knownDevices.lastSeenAt, before(SESSION_DAYS)));
  await db.delete(samlArrivals).where(lt(samlArrivals.expiresAt, now));
  await db.delete(samlSpentIds).where(lt(samlSpentIds.expiresAt, now));
  await db.delete(setupLinks).where(lt(setupLinks.expiresAt, now));
  await db.delete(passwordResets).where(lt(passwordResets.expiresAt, before(KEEP_DAYS)));
  await db
    .delete(sessions)
    .where(
      or(
        sql`${sessions.endedAt} is not null and ${lt(sessions.endedAt, before(KEEP_DAYS))}`,
        lt(sessions.createdAt, before(SESSION_DAYS)),
      ),
    );
  await db
    .delete(mails)
    .where(and(inArray(mails.status, ['accepted', 'failed', 'cancelled']), lt(mails.settledAt, before(KEEP_DAYS))));
}
