import { and, asc, count, desc, eq, gt, inArray, lt, type SQL, sql } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { type Job, type JobRow, jobRows, jobs } from '@/db/schema/jobs';
import { users } from '@/db/schema/users';

export const isJob = (tenantId: string, jobId: string) => and(eq(jobs.tenantId, tenantId), eq(jobs.id, jobId));

const withName = (where: SQL | undefined) =>
  db
    .select({ job: jobs, by: { firstName: users.firstName, lastName: users.lastName, email: users.email } })
    .from(jobs)
    .innerJoin(users, and(eq(users.tenantId, jobs.tenantId), eq(users.id, jobs.userId)))
    .where(where)
    .orderBy(desc(jobs.id));

/** Null if the tenant has no such job. A job of another tenant is not found. */
export async function findJob(tenantId: string, jobId: string) {
  const [found] = await withName(isJob(tenantId, jobId));
  return found ?? null;
}

/** The stored jobs, newest first, at most 500. */
export const listJobs = (tenantId: string) => withName(eq(jobs.tenantId, tenantId)).limit(500);

/** Locked until the transaction ends, so that no batch of the job runs meanwhile. */
export async function lockJob(tx: Tx, tenantId: string, jobId: string): Promise<Job | null> {
  const [job] = await tx.select().from(jobs).where(isJob(tenantId, jobId)).for('no key update');
  return job ?? null;
}

type Whose = Pick<Job, 'id' | 'tenantId'>;
const rowsOf = ({ tenantId, id }: Whose) => and(eq(jobRows.tenantId, tenantId), eq(jobRows.jobId, id));

/** Which rows: all, those with one of these verdicts of the check, those that were refused, or those not chosen. */
export type Which = 'all' | 'not-done' | 'left-out' | { verdicts: string[] };
/** A row number to read from, in either direction. */
export type Place = { after?: number | undefined; before?: number | undefined };

/** Returned in list order, whichever direction they are read in. */
export async function readRows(job: Whose, which: Which, { after, before }: Place, limit: number): Promise<JobRow[]> {
  const rows = await db
    .select()
    .from(jobRows)
    .where(
      and(
        rowsOf(job),
        after === undefined ? undefined : gt(jobRows.number, after),
        before === undefined ? undefined : lt(jobRows.number, before),
        which === 'left-out' ? eq(jobRows.chosen, false) : undefined,
        which === 'not-done' ? sql`${jobRows.outcome} <> 'done'` : undefined,
        typeof which === 'object' ? inArray(jobRows.verdict, which.verdicts) : undefined,
      ),
    )
    .orderBy(before === undefined ? asc(jobRows.number) : desc(jobRows.number))
    .limit(limit);
  return before === undefined ? rows : rows.reverse();
}

/** One page of rows, and where the previous and next pages begin. */
export async function pageOfRows(job: Whose, which: Which, place: Place, size: number) {
  const found = await readRows(job, which, place, size + 1);
  const backwards = place.before !== undefined;
  const more = found.length > size;
  const rows = backwards ? found.slice(-size) : found.slice(0, size);
  return {
    rows,
    before: (backwards ? more : place.after !== undefined) ? rows.at(0)?.number : undefined,
    after: backwards || more ? rows.at(-1)?.number : undefined,
  };
}

/** How many rows of a list were not chosen when it was confirmed. */
export const countLeftOut = (job: Whose): Promise<number> =>
  db.$count(jobRows, and(rowsOf(job), eq(jobRows.chosen, false)));

/** How many rows have each verdict of the check. */
export async function countVerdicts(job: Whose): Promise<Map<string, number>> {
  const found = await db
    .select({ verdict: sql<string>`${jobRows.verdict}`, n: count() })
    .from(jobRows)
    .where(rowsOf(job))
    .groupBy(jobRows.verdict);
  return new Map(found.map(({ verdict, n }) => [verdict, n]));
}
