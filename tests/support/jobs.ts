import { and, eq, sql } from 'drizzle-orm';
import { db } from '@/db/client';
import { auditEntries } from '@/db/schema/audit';
import { type Job, jobRows, jobs } from '@/db/schema/jobs';
import type { UserActor } from '@/lib/actor';
import { checkBatch } from '@/lib/invitations/check-batch';
import { parseBatch } from '@/lib/invitations/parse-batch';
import { draftImport } from '@/lib/jobs/begin-import';
import { work } from '@/lib/jobs/work';
import type { Outcome } from '@/lib/outcome';

export function unwrapped<T>(outcome: Outcome<T, string>): T {
  if (!outcome.ok) throw new Error(outcome.refusal);
  return outcome.value;
}

/** A list as it was pasted, checked, and not confirmed yet. */
export async function draftOf(actor: UserActor, text: string): Promise<string> {
  const rows = await checkBatch(actor.tenantId, parseBatch(text));
  return unwrapped(await draftImport(actor, rows, 'standard_user')).jobId;
}

/** As a process does it, until there is nothing left; how often it was put off. */
export async function workOff(jobId: string): Promise<number> {
  for (let failures = 0; ; ) {
    try {
      if (!(await work(jobId))) return failures;
    } catch {
      failures++;
      await db.update(jobs).set({ turnAt: sql`now()` }).where(eq(jobs.id, jobId));
    }
  }
}

export async function jobOf(jobId: string): Promise<Job> {
  const [job] = await db.select().from(jobs).where(eq(jobs.id, jobId));
  if (!job) throw new Error('there is no such job');
  return job;
}

/** What became of each row, by the part of the address before the @. */
export async function outcomesOf(jobId: string): Promise<Record<string, string | null>> {
  const rows = await db.select().from(jobRows).where(eq(jobRows.jobId, jobId)).orderBy(jobRows.number);
  return Object.fromEntries(rows.map(({ email, outcome }) => [email.split('@')[0], outcome]));
}

/** The entries about jobs themselves, in order. */
export const jobEntries = (tenantId: string) =>
  db
    .select()
    .from(auditEntries)
    .where(and(eq(auditEntries.tenantId, tenantId), sql`${auditEntries.action} like 'job.%'`))
    .orderBy(auditEntries.id);

/** How many entries, open invitations and mails there are for each of these addresses: 1, 1 and 1 where all is well. */
export async function tracesOf(tenantId: string, emails: string[]) {
  const found = await db.execute<{ entries: number; invitations: number; mails: number; n: number }>(sql`
    select entries, invitations, mails, count(*)::int as n from (
      select (select count(*)::int from audit_entries where tenant_id = ${tenantId} and target_label = email) as entries,
        (select count(*)::int from invitations i join users u on u.id = i.user_id where u.tenant_id = ${tenantId} and u.email = given.email) as invitations,
        (select count(*)::int from mails where tenant_id = ${tenantId} and to_address = email) as mails
      from jsonb_array_elements_text(${JSON.stringify(emails)}::jsonb) given(email)) each group by 1, 2, 3`);
  return [...found];
}
