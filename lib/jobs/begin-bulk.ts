import { and, eq, sql } from 'drizzle-orm';
import { jobRows, jobs } from '@/db/schema/jobs';
import { users } from '@/db/schema/users';
import type { UserActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import type { BulkDeed } from '@/lib/bulk';
import { done, refuse } from '@/lib/outcome';
import { adminDeed } from '@/lib/users/deed';
import { matching, type UserFilters } from '@/lib/users/list';
import { hasRecentProof } from '@/lib/users/own-deed';
import { lockJob } from './read';
import { toEntry } from './stop';

/** `jobId` was created for the confirmation page; `seen` is the number of people that it showed. */
type Input = { jobId: string; deed: BulkDeed; filters: UserFilters; seen: number };

/**
 * Applies the command to everybody who matches now, in address order. The set is frozen here: later matches are not in it. A page
 * makes one job however often it is confirmed, and none if the number of matches has changed. Making admins requires a fresh
 * proof once, here.
 */
export const beginBulk = (actor: UserActor, { jobId, deed, filters, seen }: Input) =>
  adminDeed(actor, async (tx, now) => {
    if (deed === 'make-admin' && !(await hasRecentProof(tx, now, actor))) return refuse('proof-needed');
    const { tenantId, userId, sessionId, origin } = actor;
    const { ip, userAgent } = origin;
    const begun = { id: jobId, tenantId, deed, status: 'open', userId, sessionId, ip, userAgent, total: seen } as const;
    const [job] = await tx
      .insert(jobs)
      .values({ ...begun, turnAt: sql`now()`, createdAt: now, begunAt: now })
      .onConflictDoNothing()
      .returning();
    if (!job) return (await lockJob(tx, tenantId, jobId)) ? done({ jobId }) : refuse('job-not-found');

    // Statements in a savepoint are not prepared by name, and a filter needs a plan that knows its values (decision 16).
    const frozen = await tx.transaction((inner) =>
      inner.execute(sql`
        insert into ${jobRows} (tenant_id, job_id, number, user_id, email, chosen)
        select ${users.tenantId}, ${jobId}::uuid, row_number() over (order by ${users.emailKey}, ${users.id}), ${users.id}, ${users.email}, true
        from ${users} where ${matching(tenantId, filters, now)}`),
    );
    if (frozen.count !== seen || seen === 0) {
      await tx.delete(jobs).where(and(eq(jobs.tenantId, tenantId), eq(jobs.id, jobId)));
      return refuse('list-changed');
    }
    await record(tx, now, actor, 'job.begun', null, toEntry(job));
    return done({ jobId });
  });
