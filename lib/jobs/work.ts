import { and, asc, between, count, eq, gt, lte, sql } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { WrongClock } from '@/db/clock';
import { wasInTheWay } from '@/db/conflict';
import { type Job, type JobRow, jobRows, jobs } from '@/db/schema/jobs';
import { users } from '@/db/schema/users';
import { acrossTenants } from '@/db/tenant-wall';
import { lockTenant, transaction } from '@/db/transaction';
import { asActor, systemActor, type UserActor } from '@/lib/actor';
import { type BulkDeed, DEEDS, isOwnTurn } from '@/lib/bulk';
import { inviteIn } from '@/lib/invitations/invite';
import { noteActor } from '@/lib/observe/doing';
import { log } from '@/lib/observe/log';
import { type Outcome, refuse } from '@/lib/outcome';
import { stillAdministers } from '@/lib/users/deed';
import { lockUsers } from '@/lib/users/find';
import type { Refusal } from '@/lib/users/refusals';
import { isJob, lockJob } from './read';
import { endJob } from './stop';

/**
 * Runs jobs batch by batch, in any process that is free. A batch is one transaction: it locks the job's row, so that only one
 * process works on a job; checks again that its actor may still act; runs the inner halves of the pages' own commands; and
 * records each row's outcome and the job's progress. If a process dies, nothing is lost or done twice: its locks end with its
 * connection, and any process takes the next batch.
 * Locks are taken in this order: job → tenant → users → sessions → the head of the audit log.
 */
const BATCH_ROWS = { invite: 250, deed: 50 };
/** A batch may hold the tenant's lock, for which sign-ins wait, so it ends early. */
const BATCH_MS = 100;

type Settled = { number: number; outcome: 'done' | Refusal; userId?: string };

/** Runs one batch of the next due job, or of the given one. False if there was nothing to do. */
export async function work(jobId?: string): Promise<boolean> {
  let held: Job | undefined;
  try {
    return await transaction(async (tx, now) => {
      const job = await takeTurn(tx, jobId);
      if (!job) return false;
      held = job;
      noteActor({ tenantId: job.tenantId, actorId: job.userId });
      if (job.deed !== 'invite' && DEEDS[job.deed].isGuarded) await lockTenant(tx, job.tenantId);
      const actor = await actorOf(tx, job);
      if (!actor) await endJob(tx, now, systemActor(job.tenantId), job, 'actor');
      else await nextBatch(tx, now, job, actor);
      return true;
    });
  } catch (error) {
    // Conflicts and a wrong clock are not the job's fault: this process retries later, or one with the right clock takes it.
    if (held && wasInTheWay(error)) await waitABit(held);
    else if (held && !(error instanceof WrongClock)) await putOff(held);
    throw error;
  }
}

async function takeTurn(tx: Tx, jobId: string | undefined): Promise<Job | undefined> {
  const [job] = await acrossTenants(() =>
    tx
      .select()
      .from(jobs)
      .where(and(eq(jobs.status, 'open'), lte(jobs.turnAt, sql`now()`), jobId ? eq(jobs.id, jobId) : undefined))
      .orderBy(asc(jobs.turnAt))
      .limit(1)
      .for('no key update', { skipLocked: true }),
  );
  return job;
}

/** The job's actor, if they may still administer in the session in which they began or resumed it. */
async function actorOf(tx: Tx, job: Job): Promise<UserActor | null> {
  const [user] = await tx
    .select()
    .from(users)
    .where(and(eq(users.tenantId, job.tenantId), eq(users.id, job.userId)));
  if (!user) return null;
  const actor = asActor(user, job.sessionId, { ip: job.ip, userAgent: job.userAgent });
  return (await stillAdministers(tx, actor)) ? actor : null;
}

const batchRows = ({ deed }: Job) => (deed === 'invite' ? BATCH_ROWS.invite : BATCH_ROWS.deed);

async function nextBatch(tx: Tx, now: Date, job: Job, actor: UserActor): Promise<void> {
  const limit = job.position < job.carefulUntil ? 1 : batchRows(job);
  const rows = await waitingRows(tx, job, limit);
  const { deed } = job;
  const settled =
    deed === 'invite' ? await inviteRows(tx, now, job, actor, rows) : await doToRows(tx, now, deed, actor, rows);
  const after = await settle(tx, job, settled);
  if (rows.length < limit && settled.length === rows.length) await endJob(tx, now, actor, after, null);
}

const waitingRows = (tx: Tx, job: Job, limit: number): Promise<JobRow[]> =>
  tx
    .select()
    .from(jobRows)
    .where(
      and(
        eq(jobRows.tenantId, job.tenantId),
        eq(jobRows.jobId, job.id),
        gt(jobRows.number, job.position),
        eq(jobRows.chosen, true),
      ),
    )
    .orderBy(asc(jobRows.number))
    .limit(limit);

async function inviteRows(tx: Tx, now: Date, job: Job, actor: UserActor, rows: JobRow[]): Promise<Settled[]> {
  const asked = rows.map(({ email, given, verdict }) => ({
    email,
    firstName: given?.firstName ?? '',
    lastName: given?.lastName ?? '',
    role: given?.role ?? null,
    onlyNew: verdict !== 'already-invited',
  }));
  const outcomes = await inviteIn(tx, now, actor, asked, job.newcomerRole ?? 'standard_user');
  return outcomes.map((outcome, i) => {
    const number = rows[i]?.number ?? 0;
    return outcome.ok
      ? { number, outcome: 'done', userId: outcome.value.userId }
      : { number, outcome: outcome.refusal };
  });
}

/** Processes as many of the rows as fit into a batch's time, and at least one. */
async function doToRows(tx: Tx, now: Date, deed: BulkDeed, actor: UserActor, rows: JobRow[]): Promise<Settled[]> {
  const people = await lockUsers(
    tx,
    actor.tenantId,
    rows.flatMap(({ userId }) => userId ?? []),
  );
  const settled: Settled[] = [];
  const until = performance.now() + BATCH_MS;
  for (const { number, userId } of rows) {
    if (settled.length > 0 && performance.now() > until) break;
    const user = people.get(userId ?? '');
    const outcome: Outcome<object, Refusal> = !user
      ? refuse('not-found')
      : isOwnTurn(actor, deed, user)
        ? refuse('own-turn')
        : await DEEDS[deed].within(tx, now, actor, user);
    settled.push({ number, outcome: outcome.ok ? 'done' : outcome.refusal });
  }
  return settled;
}

/** Records the outcomes and the progress, in the batch's transaction. */
async function settle(tx: Tx, job: Job, settled: Settled[]): Promise<Job> {
  const last = settled.at(-1);
  if (!last) return job;
  const touched = between(jobRows.number, job.position, last.number);
  await tx.execute(sql`
    update ${jobRows} set outcome = settled.outcome, user_id = coalesce(settled."userId", ${jobRows.userId})
    from jsonb_to_recordset(${JSON.stringify(settled)}::jsonb) as settled(number integer, outcome text, "userId" uuid)
    where ${jobRows.tenantId} = ${job.tenantId} and ${jobRows.jobId} = ${job.id} and ${touched} and ${jobRows.number} = settled.number`);
  const done = settled.filter(({ outcome }) => outcome === 'done').length;
  const progress = {
    done: job.done + done,
    refused: job.refused + settled.length - done,
    position: last.number,
    failures: 0,
  };
  await tx
    .update(jobs)
    .set({ ...progress, turnAt: sql`now()` })
    .where(isJob(job.tenantId, job.id));
  return { ...job, ...progress };
}

/** Retries after 2 seconds. A conflict with other transactions is not a failure of the row. */
const waitABit = ({ tenantId, id }: Job): Promise<unknown> =>
  transaction((tx) => tx.update(jobs).set({ turnAt: sql`now() + interval '2 seconds'` }).where(isJob(tenantId, id)));

const ROW_TRIES = 3;
const FAULTS_MOST = 10;

/**
 * After a batch that threw and was rolled back: its rows are retried one by one, with a growing delay. A row that throws three
 * times, counting the batch, is recorded as 'unexpected' and skipped. A job with ten such rows stops.
 */
const putOff = ({ tenantId, id }: Job): Promise<void> =>
  transaction(async (tx, now) => {
    const job = await lockJob(tx, tenantId, id);
    if (job?.status !== 'open') return;
    const failures = job.failures + 1;
    if (job.position < job.carefulUntil && failures >= ROW_TRIES) return leaveBehind(tx, now, job);
    await tx
      .update(jobs)
      .set({
        failures,
        carefulUntil: Math.max(job.carefulUntil, job.position + batchRows(job)),
        turnAt: sql`now() + make_interval(secs => ${2 ** Math.min(failures, 6)})`,
      })
      .where(isJob(tenantId, id));
  });

async function leaveBehind(tx: Tx, now: Date, job: Job): Promise<void> {
  const [row] = await waitingRows(tx, job, 1);
  const after = row ? await settle(tx, job, [{ number: row.number, outcome: 'unexpected' }]) : job;
  const [faults] = await tx
    .select({ n: count() })
    .from(jobRows)
    .where(
      and(
        eq(jobRows.tenantId, job.tenantId),
        eq(jobRows.jobId, job.id),
        // Lets the planner use the index of rows that are not done.
        sql`${jobRows.outcome} <> 'done'`,
        eq(jobRows.outcome, 'unexpected'),
      ),
    );
  if (!row || (faults?.n ?? 0) >= FAULTS_MOST) await endJob(tx, now, systemActor(job.tenantId), after, 'fault');
}

/** Runs the first batch in the request that begins the job, so that a small job is finished when its page loads. */
export const workNow = (jobId: string): Promise<unknown> =>
  work(jobId).catch((error: unknown) => log.error('Jobs failed', error, { jobId }));

const POLL_MS = 1_000;

/** Runs until stopped. The stop waits for the batch in progress. */
export function startWork(log: (error: unknown) => void): { stop(): Promise<void> } {
  let stopped = false;
  let wake = () => {};
  const loop = (async () => {
    while (!stopped) {
      const worked = await work().catch((error: unknown) => {
        log(error);
        return false;
      });
      if (worked || stopped) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, POLL_MS);
      });
    }
  })();
  return {
    async stop() {
      stopped = true;
      wake();
      await loop;
    },
  };
}
