'use server';

import { z } from 'zod';
import type { Role } from '@/lib/actor';
import { requireActor } from '@/lib/auth/current-actor';
import { type CheckedRow, checkBatch } from '@/lib/invitations/check-batch';
import { invite } from '@/lib/invitations/invite';
import { BATCH_MOST, type BatchRow, parseBatch } from '@/lib/invitations/parse-batch';
import { roleField } from '@/lib/users/fields';
import { REFUSALS } from '@/lib/users/refusals';

export type ImportState =
  | { step: 'write'; text: string; role: Role; error?: string }
  | { step: 'review'; text: string; role: Role; rows: CheckedRow[]; error?: string }
  | { step: 'sent'; sent: number; refused: { email: string; sentence: string }[] };

const MOST_BYTES = 1024 * 1024;

const given = z.object({
  text: z.string().max(MOST_BYTES, 'This is too much at once: at most 1 MB.').default(''),
  role: roleField.default('standard_user'),
  intent: z.enum(['check', 'back', 'send']),
});

/**
 * Two steps: a verdict for every row, then the sending of the chosen ones. Between them the text travels in the form and
 * is parsed and checked again: nothing that the browser says of a row is believed.
 */
export async function importAction(_state: ImportState, data: FormData): Promise<ImportState> {
  const actor = await requireActor('tenant_admin');
  const file = data.get('file');
  const uploaded = file instanceof File && file.size > 0 ? await file.slice(0, MOST_BYTES + 1).text() : null;
  const typed = String(data.get('text') ?? '');
  const parsed = given.safeParse({
    text: uploaded ?? typed,
    role: data.get('role') ?? undefined,
    intent: data.get('intent'),
  });
  if (!parsed.success) {
    return {
      step: 'write',
      text: typed.slice(0, MOST_BYTES),
      role: 'standard_user',
      error: parsed.error.issues[0]?.message ?? 'Check what you entered.',
    };
  }
  const { text, role, intent } = parsed.data;
  if (intent === 'back') return { step: 'write', text, role };

  const rows = readRows(text);
  if (typeof rows === 'string') return { step: 'write', text, role, error: rows };
  const checked = await checkBatch(actor.tenantId, rows);
  if (intent === 'check') return { step: 'review', text, role, rows: checked };

  const chosen = new Set(data.getAll('lines').map(String));
  const toSend = checked.filter((row) => row.can !== 'no' && chosen.has(keyOf(row)));
  if (toSend.length === 0)
    return { step: 'review', text, role, rows: checked, error: 'Choose at least one person to invite.' };
  const refused: { email: string; sentence: string }[] = [];
  for (const { email, firstName, lastName, role: own } of toSend) {
    const outcome = await invite(actor, { email, firstName, lastName, role: own ?? role });
    if (!outcome.ok) refused.push({ email, sentence: REFUSALS[outcome.refusal] });
  }
  return { step: 'sent', sent: toSend.length - refused.length, refused };
}

/** A row as its checkbox names it. */
const keyOf = (row: BatchRow) => `${row.line}:${row.email}`;

function readRows(text: string): BatchRow[] | string {
  try {
    const rows = parseBatch(text);
    if (rows.length === 0) return 'Paste addresses or choose a file.';
    return rows.length > BATCH_MOST
      ? `These are ${rows.length.toLocaleString('en')} people; ${BATCH_MOST.toLocaleString('en')} can be invited at once.`
      : rows;
  } catch {
    return 'This is not a table that can be read. Check its quotation marks.';
  }
}
