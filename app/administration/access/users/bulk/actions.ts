'use server';

import { refresh } from 'next/cache';
import { z } from 'zod';
import { adminAction } from '@/app/form-action';
import { endedWords } from '@/lib/audit/sentence';
import { DEEDS, runBulk } from '@/lib/bulk';
import { counted } from '@/lib/counted';
import { beginBulk } from '@/lib/jobs/begin-bulk';
import { workNow } from '@/lib/jobs/work';
import { refuse } from '@/lib/outcome';
import { idField } from '@/lib/users/fields';
import { REFUSALS } from '@/lib/users/refusals';
import { jobHref } from '../jobs/path';
import { DEED_WORDS } from './deed-words';
import { selection, wholeView } from './selection';

export const bulkAction = adminAction(
  selection.extend({ typed: z.string().trim().optional() }),
  async (actor, { deed, ids, typed }) => {
    if (deed === 'remove' && typed !== String(ids.length)) return refuse('number-mismatch');
    return runBulk(actor, deed, ids);
  },
  ({ results, ended }, { deed }) => {
    const refused = results.flatMap(({ email, refusal }) => (refusal ? [`${email}: ${REFUSALS[refusal]}`] : []));
    const people = counted(results.length - refused.length, 'person was', 'people were');
    const alsoEnded = DEEDS[deed].ends ? `: ${endedWords(ended)}` : '';
    return { status: 'done', message: `${people} ${DEED_WORDS[deed].done}${alsoEnded}.`, detail: refused };
  },
);

/** A number typed with or without separators: "48210", "48,210". */
const numberTyped = z.string().transform((typed) => Number(typed.replace(/[\s,.’']/g, '') || Number.NaN));

export const wholeViewAction = adminAction(
  wholeView.extend({ jobId: idField, seen: z.coerce.number().int().min(1), typed: numberTyped.optional() }),
  async (actor, { jobId, deed, seen, typed, all: _, ...filters }) => {
    if (DEED_WORDS[deed].danger && typed !== seen) return refuse('number-mismatch');
    const outcome = await beginBulk(actor, { jobId, deed, filters, seen });
    if (outcome.ok) await workNow(jobId);
    // The confirmed page showed another number: render it again with the current one.
    else if (outcome.refusal === 'list-changed') refresh();
    return outcome;
  },
  ({ jobId }) => jobHref(jobId),
);
