import { and, eq, gt, sql } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { type Job, jobRows, jobs } from '@/db/schema/jobs';
import type { UserActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { adminDeed } from '@/lib/users/deed';
import { hasRecentProof } from '@/lib/users/own-deed';
import { makesAdmins } from './begin-import';
import { isJob, lockJob } from './read';
import { toProgress } from './stop';

/**
 * Resumes a stopped job from where it stopped, now on behalf of this actor and in their session. A job that makes admins requires
 * a fresh proof, as when it began.
 */
export const resumeJob = (actor: UserActor, { jobId }: { jobId: string }) =>
  adminDeed(actor, async (tx, now) => {
    const job = await lockJob(tx, actor.tenantId, jobId);
    if (!job) return refuse('job-not-found');
    if (job.status !== 'stopped') return refuse('job-not-stopped');
    if (!(await hasRecentProof(tx, now, actor)) && (await isToMakeAdmins(tx, job))) return refuse('proof-needed');
    const { ip, userAgent } = actor.origin;
    await tx
      .update(jobs)
      .set({
        status: 'open',
        stopped: null,
        endedAt: null,
        failures: 0,
        turnAt: sql`now()`,
        userId: actor.userId,
        sessionId: actor.sessionId,
        ip,
        userAgent,
      })
      .where(isJob(actor.tenantId, jobId));
    await record(tx, now, actor, 'job.resumed', null, toProgress(job));
    return done({ jobId });
  });

const isToMakeAdmins = async (tx: Tx, job: Job): Promise<boolean> =>
  job.deed === 'make-admin' ||
  (job.deed === 'invite' && makesAdmins(job, and(eq(jobRows.chosen, true), gt(jobRows.number, job.position)), tx));
