import { and, eq, inArray, lt, type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import { db } from '@/db/client';
import { askClock } from '@/db/clock';
import { firstIdAt } from '@/db/id';
import { apiAnswers } from '@/db/schema/api-keys';
import { knownDevices, passkeyChallenges, totpEnrolments } from '@/db/schema/factors';
import { jobs } from '@/db/schema/jobs';
import { mails } from '@/db/schema/mails';
import { passwordResets } from '@/db/schema/password-resets';
import { rateLimits } from '@/db/schema/rate-limits';
import { samlArrivals, samlExchanges, samlSpentIds } from '@/db/schema/saml';
import { scimErrors, scimExchanges } from '@/db/schema/scim';
import { sessions } from '@/db/schema/sessions';
import { setupLinks } from '@/db/schema/tenants';
import { acrossTenants } from '@/db/tenant-wall';
import { eraseRemoved } from '@/lib/users/remove';

const DAY_MS = 86_400_000;
const KEEP_DAYS = 30;
/** Longer than a browser is remembered (`DEVICE_SECONDS`): what was ended or ran out can be looked up for a year. */
const SESSION_DAYS = 400;

/** So much in one statement, so that none holds locks for long or swells the log of the database, however much has gathered. */
const BATCH = 5_000;

async function clear(table: PgTable, where: SQL | undefined): Promise<void> {
  for (let cleared = BATCH; cleared >= BATCH; ) {
    const some = sql`array(select ctid from ${table} where ${where} limit ${BATCH})`;
    ({ count: cleared } = await db.execute(sql`delete from ${table} where ctid = any (${some})`));
  }
}

/** What a clock a month ahead would take for old is gone for good. */
export async function tidyUp(): Promise<void> {
  await askClock();
  await tidy();
}

/**
 * Clears what nobody needs any more. Safe to run in several processes at once, and at any time. What fails keeps nothing
 * else from being cleared, and is thrown at the end.
 */
export async function tidy(now = new Date()): Promise<void> {
  const before = (days: number) => new Date(now.getTime() - days * DAY_MS);
  const steps: (() => Promise<unknown>)[] = [
    () => eraseRemoved(now),
    () => clear(rateLimits, lt(rateLimits.windowEndsAt, now)),
    () => clear(passkeyChallenges, lt(passkeyChallenges.expiresAt, now)),
    () => clear(totpEnrolments, lt(totpEnrolments.createdAt, before(1))),
    () => clear(knownDevices, lt(knownDevices.lastSeenAt, before(SESSION_DAYS))),
    () => clear(scimExchanges, lt(scimExchanges.id, firstIdAt(before(KEEP_DAYS)))),
    () => clear(scimErrors, lt(scimErrors.hour, before(2))),
    () => clear(samlExchanges, lt(samlExchanges.id, firstIdAt(before(KEEP_DAYS)))),
    () => clear(samlArrivals, lt(samlArrivals.expiresAt, now)),
    () => clear(samlSpentIds, lt(samlSpentIds.expiresAt, now)),
    () => clear(apiAnswers, lt(apiAnswers.createdAt, before(1))),
    () => clear(jobs, and(inArray(jobs.status, ['finished', 'stopped']), lt(jobs.endedAt, before(KEEP_DAYS)))),
    // A list that nobody confirmed holds people who are not here yet.
    () => clear(jobs, and(eq(jobs.status, 'draft'), lt(jobs.createdAt, before(1)))),
    () => clear(setupLinks, lt(setupLinks.expiresAt, now)),
    () => clear(passwordResets, lt(passwordResets.id, firstIdAt(before(KEEP_DAYS)))),
    () => clear(sessions, sql`${sessions.endedAt} is not null and ${lt(sessions.endedAt, before(KEEP_DAYS))}`),
    // Ids hold the time they were made, so what is old is a range of the primary key.
    () => clear(sessions, lt(sessions.id, firstIdAt(before(SESSION_DAYS)))),
    () =>
      clear(
        mails,
        and(
          lt(mails.id, firstIdAt(before(KEEP_DAYS))),
          inArray(mails.status, ['accepted', 'failed', 'cancelled']),
          lt(mails.settledAt, before(KEEP_DAYS)),
        ),
      ),
  ];
  const failures: unknown[] = [];
  for (const step of steps) await acrossTenants(step).then(undefined, (error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
