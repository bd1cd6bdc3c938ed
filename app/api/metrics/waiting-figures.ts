import { eq, inArray, sql } from 'drizzle-orm';
import { Gauge, Registry } from 'prom-client';
import { db } from '@/db/client';
import { jobs } from '@/db/schema/jobs';
import { mails } from '@/db/schema/mails';
import { acrossTenants } from '@/db/tenant-wall';

/** The background work that waits in the database (mails and jobs), and for how long. */
export async function waitingFigures(): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames: ['status'] as const, registers });
  const depth = gauge('rollcall_mail_waiting', 'Mails in the outbox.');
  const age = gauge('rollcall_mail_oldest_seconds', 'Age of the mail that waits longest.');
  for (const status of ['queued', 'deferred'] as const) {
    depth.set({ status }, 0);
    age.set({ status }, 0);
  }
  for (const { status, count, oldestSeconds } of await acrossTenants(waitingMails)) {
    depth.set({ status }, count);
    age.set({ status }, oldestSeconds);
  }
  const [open] = await acrossTenants(openJobs);
  new Gauge({ name: 'rollcall_jobs_open', help: 'Jobs that go on.', registers }).set(open?.count ?? 0);
  // A batch is late if no process has had time for it, or if a running one holds its lock and does not end.
  const late = new Gauge({
    name: 'rollcall_jobs_late_seconds',
    help: 'By how much the next batch is late.',
    registers,
  });
  late.set(Math.max(0, open?.lateSeconds ?? 0));
  return registry.metrics();
}

const waitingMails = () =>
  db
    .select({
      status: mails.status,
      count: sql<number>`count(*)::int`,
      oldestSeconds: sql<number>`extract(epoch from now() - min(${mails.createdAt}))::float8`,
    })
    .from(mails)
    .where(inArray(mails.status, ['queued', 'deferred']))
    .groupBy(mails.status);

const openJobs = () =>
  db
    .select({
      count: sql<number>`count(*)::int`,
      lateSeconds: sql<number | null>`extract(epoch from now() - min(${jobs.turnAt}))::float8`,
    })
    .from(jobs)
    .where(eq(jobs.status, 'open'));
