'use server';

import { redirect } from 'next/navigation';
import { z } from 'zod';
import { givenForm } from '@/app/given-form';
import type { FormState } from '@/components/form/form-state';
import { requireActor } from '@/lib/auth/current-actor';
import { checkBatch } from '@/lib/invitations/check-batch';
import { decodeFile } from '@/lib/invitations/decode-file';
import { BATCH_MOST, type BatchRow, parseBatch, Unreadable } from '@/lib/invitations/parse-batch';
import { draftImport } from '@/lib/jobs/begin-import';
import { roleField } from '@/lib/users/fields';
import { REFUSALS } from '@/lib/users/refusals';
import { jobHref } from '../jobs/path';
import { MOST_BYTES, TOO_MUCH } from './most-bytes';

const given = z.object({
  text: z.string().max(MOST_BYTES, TOO_MUCH).default(''),
  role: roleField.default('standard_user'),
});

/** Turns a list into a draft job with a verdict for each row. The job's page confirms it; this sends nothing. */
export async function importAction(_state: FormState, form: FormData): Promise<FormState> {
  const actor = await requireActor('tenant_admin');
  const data = givenForm(form);
  const typed = String(data.get('text') ?? '');
  const file = data.get('file');
  const upload = file instanceof File && file.size > 0 ? file : null;
  const parsed = given.safeParse({
    text: upload && upload.size <= MOST_BYTES ? decodeFile(new Uint8Array(await upload.arrayBuffer())) : typed,
    role: data.get('role') ?? undefined,
  });
  if (!parsed.success || (upload && upload.size > MOST_BYTES)) {
    const message = parsed.success ? TOO_MUCH : (parsed.error.issues[0]?.message ?? 'Check what you entered.');
    const values = { text: typed.slice(0, MOST_BYTES), role: String(data.get('role') ?? '') };
    return { status: 'refused', message, values };
  }
  const { text, role } = parsed.data;
  const refused = (message: string): FormState => ({ status: 'refused', message, values: { text, role } });
  const rows = readRows(text);
  if (typeof rows === 'string') return refused(rows);
  const outcome = await draftImport(actor, await checkBatch(actor.tenantId, rows), role);
  if (!outcome.ok) return refused(REFUSALS[outcome.refusal]);
  redirect(jobHref(outcome.value.jobId));
}

function readRows(text: string): BatchRow[] | string {
  try {
    const rows = parseBatch(text);
    if (rows.length === 0) return 'Paste addresses or choose a file.';
    return rows.length > BATCH_MOST
      ? `These are ${rows.length.toLocaleString('en')} people; ${BATCH_MOST.toLocaleString('en')} can be invited at once.`
      : rows;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return `This is not a table that can be read: look at the quotation marks in line ${error.line.toLocaleString('en')}.`;
  }
}
