import { and, eq, inArray, lt, or, sql } from 'drizzle-orm';
import { db } from '@/db/client';
import { apiAnswers } from '@/db/schema/api-keys';
import { knownDevices, passkeyChallenges, totpEnrolments } from '@/db/schema/factors';
import { jobs } from '@/db/schema/jobs';
import { mails } from '@/db/schema/mails';
import { passwordResets } from '@/db/schema/password-resets';
import { rateLimits } from '@/db/schema/rate-limits';
import { samlArrivals, samlSpentIds } from '@/db/schema/saml';
import { scimErrors, scimExchanges } from '@/db/schema/scim';
import { sessions } from '@/db/schema/sessions';
import { setupLinks } from '@/db/schema/tenants';
import { eraseRemoved } from '@/lib/users/remove';

const DAY_MS = 86_400_000;
const KEEP_DAYS = 30;
/** Longer than any tenant lets a session live. */
const SESSION_DAYS = 400;

/**
 * Clears what nobody needs any more. Safe to run in several processes at once, and at any time. What fails keeps nothing
 * else from being cleared, and is thrown at the end.
 */
export async function tidy(now = new Date()): Promise<void> {
  const before = (days: number) => new Date(now.getTime() - days * DAY_MS);
  const steps: (() => PromiseLike<unknown>)[] = [
    () => eraseRemoved(now),
    () => db.delete(rateLimits).where(lt(rateLimits.windowEndsAt, now)),
    () => db.delete(passkeyChallenges).where(lt(passkeyChallenges.expiresAt, now)),
    () => db.delete(totpEnrolments).where(lt(totpEnrolments.createdAt, before(1))),
    () => db.delete(knownDevices).where(lt(knownDevices.lastSeenAt, before(SESSION_DAYS))),
    () => db.delete(scimExchanges).where(lt(scimExchanges.at, before(KEEP_DAYS))),
    () => db.delete(scimErrors).where(lt(scimErrors.hour, before(2))),
    () => db.delete(samlArrivals).where(lt(samlArrivals.expiresAt, now)),
    () => db.delete(samlSpentIds).where(lt(samlSpentIds.expiresAt, now)),
    () => db.delete(apiAnswers).where(lt(apiAnswers.createdAt, before(1))),
    () =>
      db.delete(jobs).where(and(inArray(jobs.status, ['finished', 'stopped']), lt(jobs.endedAt, before(KEEP_DAYS)))),
    // A list that nobody confirmed holds people who are not here yet.
    () => db.delete(jobs).where(and(eq(jobs.status, 'draft'), lt(jobs.createdAt, before(1)))),
    () => db.delete(setupLinks).where(lt(setupLinks.expiresAt, now)),
    () => db.delete(passwordResets).where(lt(passwordResets.expiresAt, before(KEEP_DAYS))),
    () =>
      db
        .delete(sessions)
        .where(
          or(
            sql`${sessions.endedAt} is not null and ${lt(sessions.endedAt, before(KEEP_DAYS))}`,
            lt(sessions.createdAt, before(SESSION_DAYS)),
          ),
        ),
    () =>
      db
        .delete(mails)
        .where(and(inArray(mails.status, ['accepted', 'failed', 'cancelled']), lt(mails.settledAt, before(KEEP_DAYS)))),
  ];
  const failures: unknown[] = [];
  for (const step of steps) await step().then(undefined, (error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
