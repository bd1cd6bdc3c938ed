'use server';

import { z } from 'zod';
import { adminAction } from '@/app/form-action';
import { BULK_DEEDS, BULK_MOST, runBulk } from '@/lib/bulk';
import { done, refuse } from '@/lib/outcome';
import { idField } from '@/lib/users/fields';
import { REFUSALS } from '@/lib/users/refusals';
import { DEED_WORDS } from './deed-words';

const bulk = z.object({
  deed: z.enum(BULK_DEEDS),
  ids: z.preprocess((ids) => (Array.isArray(ids) ? ids : [ids]), z.array(idField).min(1).max(BULK_MOST)),
  typed: z.string().trim().optional(),
});

export const bulkAction = adminAction(
  bulk,
  async (actor, { deed, ids, typed }) => {
    if (deed === 'remove' && typed !== String(ids.length)) return refuse('number-mismatch');
    return done(await runBulk(actor, deed, ids));
  },
  (results, { deed }) => {
    const refused = results.flatMap(({ email, refusal }) => (refusal ? [`${email}: ${REFUSALS[refusal]}`] : []));
    const count = results.length - refused.length;
    return {
      status: 'done',
      message: `${count} ${count === 1 ? 'person was' : 'people were'} ${DEED_WORDS[deed].done}.`,
      detail: refused,
    };
  },
);
