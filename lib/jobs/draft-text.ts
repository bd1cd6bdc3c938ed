import { stringify } from 'csv-stringify/sync';
import { ROLE_NAMES, type Role } from '@/lib/actor';
import { BATCH_MOST } from '@/lib/invitations/parse-batch';
import { findJob, readRows } from './read';

/** The list of a draft as CSV to be edited and checked again. Keeps unreadable roles as written. */
export async function textOfDraft(tenantId: string, jobId: string): Promise<{ text: string; role: Role } | null> {
  const found = await findJob(tenantId, jobId);
  if (found?.job.status !== 'draft') return null;
  const rows = await readRows(found.job, 'all', {}, BATCH_MOST);
  const lines = rows.map(({ email, given }) => [
    email,
    given?.firstName ?? '',
    given?.lastName ?? '',
    given?.unknownRole ?? (given?.role ? ROLE_NAMES[given.role] : ''),
  ]);
  const text = stringify([['email', 'first name', 'last name', 'role'], ...lines]);
  return { text, role: found.job.newcomerRole ?? 'standard_user' };
}
