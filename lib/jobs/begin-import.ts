import { and, eq, inArray, or, type SQL, sql } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { newId } from '@/db/id';
import { type Job, jobRows, jobs } from '@/db/schema/jobs';
import type { Role, UserActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { type CheckedRow, SENDABLE, type Verdict } from '@/lib/invitations/check-batch';
import { done, refuse } from '@/lib/outcome';
import { adminDeed } from '@/lib/users/deed';
import { hasRecentProof } from '@/lib/users/own-deed';
import { isJob, lockJob } from './read';
import { toEntry } from './stop';

const INSERTED_AT_ONCE = 1000;

/**
 * Stores a checked list with its verdicts until somebody confirms it, for a day at most. It changes nobody's data, so it writes
 * no audit entry.
 */
export const draftImport = (actor: UserActor, rows: CheckedRow[], newcomerRole: Role) =>
  adminDeed<{ jobId: string }, never>(actor, async (tx, now) => {
    const { tenantId, userId, sessionId, origin } = actor;
    const jobId = newId(now);
    const { ip, userAgent } = origin;
    await tx.insert(jobs).values({
      id: jobId,
      tenantId,
      deed: 'invite',
      status: 'draft',
      userId,
      sessionId,
      ip,
      userAgent,
      newcomerRole,
      total: rows.length,
      turnAt: now,
      createdAt: now,
    });
    for (let from = 0; from < rows.length; from += INSERTED_AT_ONCE) {
      const part = rows.slice(from, from + INSERTED_AT_ONCE);
      await tx.insert(jobRows).values(
        part.map(({ email, verdict, can: _, ...given }, i) => ({
          tenantId,
          jobId,
          number: from + i + 1,
          email,
          given,
          verdict,
          chosen: false,
        })),
      );
    }
    return done({ jobId });
  });

/** The selection: all rows with one of these verdicts, and single rows by number. */
export type Choice = { verdicts: Verdict[]; numbers: number[] };

/**
 * Starts a confirmed import: only the chosen rows are invited. A list starts once, however often it is confirmed. Whether a row
 * may still be invited is checked again when its turn comes. An import that makes admins requires a fresh proof.
 */
export const beginImport = (actor: UserActor, jobId: string, { verdicts, numbers }: Choice) =>
  adminDeed(actor, async (tx, now) => {
    const job = await lockJob(tx, actor.tenantId, jobId);
    if (!job) return refuse('job-not-found');
    if (job.status !== 'draft') return done({ jobId });
    const wanted = isChosen(verdicts, numbers);
    if (!(await hasRecentProof(tx, now, actor)) && (await makesAdmins(job, wanted, tx))) return refuse('proof-needed');
    const chosen = await tx
      .update(jobRows)
      .set({ chosen: true })
      .where(and(sendableOf(job), wanted))
      .returning({ number: jobRows.number });
    if (chosen.length === 0) return refuse('nobody-chosen');

    const { userId, sessionId, origin } = actor;
    const { ip, userAgent } = origin;
    const begun = { status: 'open', total: chosen.length, userId, sessionId, ip, userAgent, begunAt: now } as const;
    await tx
      .update(jobs)
      .set({ ...begun, turnAt: sql`now()` })
      .where(isJob(actor.tenantId, jobId));
    await record(tx, now, actor, 'job.begun', null, toEntry({ ...job, ...begun }));
    return done({ jobId });
  });

/** Whether the list would make anybody a Tenant Admin. `wanted` limits the check to those rows. */
export async function makesAdmins(job: Job, wanted?: SQL, on: Tx | typeof db = db): Promise<boolean> {
  const role = sql`coalesce(${jobRows.given} ->> 'role', ${job.newcomerRole})`;
  const [one] = await on
    .select({ number: jobRows.number })
    .from(jobRows)
    .where(and(sendableOf(job), wanted, sql`${role} = 'tenant_admin'`))
    .limit(1);
  return one !== undefined;
}

const sendableOf = ({ tenantId, id }: Job) =>
  and(eq(jobRows.tenantId, tenantId), eq(jobRows.jobId, id), inArray(jobRows.verdict, sendable));

const sendable = (Object.keys(SENDABLE) as Verdict[]).filter((verdict) => SENDABLE[verdict] !== 'no');

const isChosen = (verdicts: Verdict[], numbers: number[]): SQL | undefined =>
  or(
    sql`false`,
    verdicts.length > 0 ? inArray(jobRows.verdict, verdicts) : undefined,
    numbers.length > 0 ? inArray(jobRows.number, numbers) : undefined,
  );
