'use server';

import { z } from 'zod';
import { adminAction } from '@/app/form-action';
import { endedWords } from '@/lib/audit/sentence';
import { DEEDS, runBulk } from '@/lib/bulk';
import { counted } from '@/lib/counted';
import { done, refuse } from '@/lib/outcome';
import { REFUSALS } from '@/lib/users/refusals';
import { DEED_WORDS } from './deed-words';
import { selection } from './selection';

export const bulkAction = adminAction(
  selection.extend({ typed: z.string().trim().optional() }),
  async (actor, { deed, ids, typed }) => {
    if (deed === 'remove' && typed !== String(ids.length)) return refuse('number-mismatch');
    return done(await runBulk(actor, deed, ids));
  },
  ({ results, ended }, { deed }) => {
    const refused = results.flatMap(({ email, refusal }) => (refusal ? [`${email}: ${REFUSALS[refusal]}`] : []));
    const people = counted(results.length - refused.length, 'person was', 'people were');
    const alsoEnded = DEEDS[deed].ends ? `: ${endedWords(ended)}` : '';
    return { status: 'done', message: `${people} ${DEED_WORDS[deed].done}${alsoEnded}.`, detail: refused };
  },
);
