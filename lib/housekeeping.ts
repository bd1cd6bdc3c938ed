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
/** Longer than a browser is remembered (`DEVICE_SECONDS`). Expired sessions are kept this long, ended ones for KEEP_DAYS. */
const SESSION_DAYS = 400;

/** Rows per statement, so that none holds locks for long or writes a burst of WAL, however many rows have accumulated. */
const BATCH = 5_000;

async function clear(table: PgTable, where: SQL | undefined): Promise<void> {
  for (let cleared = BATCH; cleared >= BATCH; ) {
    const some = sql`array(select ctid from ${table} where ${where} limit ${BATCH})`;
    ({ count: cleared } = await db.execute(sql`delete from ${table} where ctid = any (${some})`));
  }
}

/** Checks the clock first: one that is a month ahead would delete current rows for good. */
export async function tidyUp(): Promise<void> {
  await askClock();
  await tidy();
}

/**
 * Deletes rows that are no longer needed. Safe to run at any time and in several processes at once. A failing step does not stop
 * the others; the first error is thrown at the end.
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
    // An unconfirmed list holds data of people who are not users yet.
    () => clear(jobs, and(eq(jobs.status, 'draft'), lt(jobs.createdAt, before(1)))),
    () => clear(setupLinks, lt(setupLinks.expiresAt, now)),
    () => clear(passwordResets, lt(passwordResets.id, firstIdAt(before(KEEP_DAYS)))),
    () => clear(sessions, sql`${sessions.endedAt} is not null and ${lt(sessions.endedAt, before(KEEP_DAYS))}`),
    // Ids contain their creation time, so old rows are a range of the primary key.
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
