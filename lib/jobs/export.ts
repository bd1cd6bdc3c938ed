import type { Job, JobRow } from '@/db/schema/jobs';
import { type Actor, ROLE_NAMES } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { csvStream } from '@/lib/csv';
import { done, refuse } from '@/lib/outcome';
import { adminDeed } from '@/lib/users/deed';
import { REFUSALS, type Refusal } from '@/lib/users/refusals';
import { lockJob, readRows } from './read';
import { toEntry } from './stop';

const PAGE = 1000;
const HEADER = ['Row', 'Email', 'First Name', 'Last Name', 'Role', 'Result', 'Reason', 'User Id'];

/** Every row of a job with its outcome, as CSV, read page by page. The audit entry comes first, as with every export. */
export const exportJob = (actor: Actor, { jobId }: { jobId: string }) =>
  adminDeed(actor, async (tx, now) => {
    const job = await lockJob(tx, actor.tenantId, jobId);
    if (!job) return refuse('job-not-found');
    await record(tx, now, actor, 'job.exported', null, toEntry(job));
    return done({ job });
    // The rows are read once the entry is committed.
  }).then((outcome) => (outcome.ok ? done({ csv: csvStream(lines(outcome.value.job)) }) : outcome));

async function* lines(job: Job): AsyncGenerator<string[]> {
  yield HEADER;
  for (let after = 0; ; ) {
    const page = await readRows(job, 'all', { after }, PAGE);
    for (const row of page) yield cells(job, row);
    if (page.length < PAGE) return;
    after = page.at(-1)?.number ?? 0;
  }
}

function cells(job: Job, row: JobRow): string[] {
  const { number, email, given, userId } = row;
  const role = given?.unknownRole ?? (given?.role ? ROLE_NAMES[given.role] : '');
  const { result, reason } = resultOf(job, row);
  return [
    String(given?.line ?? number),
    email,
    given?.firstName ?? '',
    given?.lastName ?? '',
    role,
    result,
    reason,
    userId ?? '',
  ];
}

/** The outcome of a row, in words. */
export function resultOf(job: Pick<Job, 'status'>, { chosen, outcome, given }: JobRow) {
  if (outcome === 'done') return { result: 'done', reason: '' };
  if (outcome !== null) return { result: 'refused', reason: REFUSALS[outcome as Refusal] ?? outcome };
  if (job.status === 'draft') return { result: 'checked', reason: given?.sentence ?? '' };
  if (!chosen) return { result: 'left out', reason: given?.sentence ?? '' };
  return { result: 'not reached', reason: '' };
}
