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

/** `jobId` was made for the page that was confirmed; `seen` is how many people that page spoke of. */
type Input = { jobId: string; deed: BulkDeed; filters: UserFilters; seen: number };

/**
 * The deed is done to everybody who matches now, by address: the set is frozen here, and who joins it later is not in it.
 * A page is one job however often it is confirmed, and none if another number of people matches by now. Making admins asks
 * for a fresh proof once, here.
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

    // In a savepoint no statement is named: a filter wants a plan that knows its values (decision 16).
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
