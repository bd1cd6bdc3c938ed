import type { Tx } from '@/db/client';
import { type Job, type JobStop, jobs } from '@/db/schema/jobs';
import type { Actor, UserActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { adminDeed } from '@/lib/users/deed';
import { isJob, lockJob } from './read';

export const toEntry = ({ id, deed, total }: Job) => ({ jobId: id, deed, people: total });
export const toProgress = (job: Job) => ({ ...toEntry(job), done: job.done, refused: job.refused });

/** The one place where a job ends: after its last row, or earlier for a reason. The caller holds the job's row lock. */
export async function endJob(tx: Tx, now: Date, actor: Actor, job: Job, reason: JobStop | null): Promise<void> {
  const status = reason === null ? 'finished' : 'stopped';
  await tx.update(jobs).set({ status, stopped: reason, endedAt: now }).where(isJob(job.tenantId, job.id));
  if (reason === null) await record(tx, now, actor, 'job.ended', null, toProgress(job));
  else await record(tx, now, actor, 'job.stopped', null, { ...toProgress(job), reason });
}

/** Completed rows stay done. Waits for the batch in progress. */
export const stopJob = (actor: UserActor, { jobId }: { jobId: string }) =>
  adminDeed(actor, async (tx, now) => {
    const job = await lockJob(tx, actor.tenantId, jobId);
    if (!job) return refuse('job-not-found');
    if (job.status !== 'open') return refuse('job-not-open');
    await endJob(tx, now, actor, job, 'asked');
    return done({ jobId });
  });
