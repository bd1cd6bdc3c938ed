'use server';

import { z } from 'zod';
import type { FormState } from '@/components/form/form-state';
import { requireActor } from '@/lib/auth/current-actor';
import { counted } from '@/lib/counted';
import { type CheckedRow, checkBatch } from '@/lib/invitations/check-batch';
import { decodeFile } from '@/lib/invitations/decode-file';
import { invite } from '@/lib/invitations/invite';
import { BATCH_MOST, type BatchRow, parseBatch } from '@/lib/invitations/parse-batch';
import { roleField } from '@/lib/users/fields';
import { REFUSALS } from '@/lib/users/refusals';

/** With `rows` it is the review, without them the page to write on. */
export type ImportState = FormState & { rows?: CheckedRow[] };

const MOST_BYTES = 1024 * 1024;
const TOO_MUCH = 'This is too much at once: at most 1 MB.';

const given = z.object({
  text: z.string().max(MOST_BYTES, TOO_MUCH).default(''),
  role: roleField.default('standard_user'),
  intent: z.enum(['check', 'back', 'send']),
});

/**
 * Two steps: a verdict for every row, then the sending of the chosen ones. Between them the text travels in the form and
 * is parsed and checked again: nothing that the browser says of a row is believed, and a row whose verdict is not the one
 * that was seen is left out. So a second press invites nobody twice.
 */
export async function importAction(_state: ImportState, data: FormData): Promise<ImportState> {
  const actor = await requireActor('tenant_admin');
  const typed = String(data.get('text') ?? '');
  const file = data.get('file');
  const upload = file instanceof File && file.size > 0 ? file : null;
  const parsed = given.safeParse({
    text: upload && upload.size <= MOST_BYTES ? decodeFile(new Uint8Array(await upload.arrayBuffer())) : typed,
    role: data.get('role') ?? undefined,
    intent: data.get('intent'),
  });
  if (!parsed.success || (upload && upload.size > MOST_BYTES)) {
    const message = parsed.success ? TOO_MUCH : (parsed.error.issues[0]?.message ?? 'Check what you entered.');
    return { status: 'refused', message, values: { text: typed.slice(0, MOST_BYTES) } };
  }
  const { text, role, intent } = parsed.data;
  const values = { text, role };
  if (intent === 'back') return { status: 'idle', values };

  const read = readRows(text);
  if (typeof read === 'string') return { status: 'refused', message: read, values };
  const rows = await checkBatch(actor.tenantId, read);
  if (intent === 'check') return { status: 'idle', values, rows };

  // A chosen row is named by its number and the verdict that was seen on it.
  const seen = new Map(data.getAll('rows').map((key) => String(key).split(':') as [string, string]));
  const chosen = rows.filter((_, i) => seen.has(String(i)));
  const toSend = rows.filter(({ can, verdict }, i) => can !== 'no' && seen.get(String(i)) === verdict);
  const changed = chosen.filter((row) => !toSend.includes(row));
  if (chosen.length === 0) return { status: 'refused', message: 'Choose at least one person to invite.', values, rows };

  const left = changed.map(({ email, sentence }) => `${email}: left out, since it has changed. ${sentence}`);
  for (const row of toSend) {
    const onlyNew = row.verdict !== 'already-invited';
    const outcome = await invite(actor, row, { newcomerRole: role, onlyNew });
    if (!outcome.ok) left.push(`${row.email}: ${REFUSALS[outcome.refusal]}`);
  }
  const sent = chosen.length - left.length;
  const message = `${counted(sent, 'invitation is', 'invitations are')} queued to be sent.`;
  return { status: 'done', message, detail: left };
}

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
