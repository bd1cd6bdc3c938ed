import { z } from 'zod';
import { BULK_DEEDS, BULK_MOST } from '@/lib/bulk';
import { idField } from '@/lib/users/fields';

/** What was chosen in the list: in the address of the page, then in its form. */
export const selection = z.object({
  deed: z.enum(BULK_DEEDS),
  ids: z.preprocess((ids) => (Array.isArray(ids) ? ids : [ids]), z.array(idField).min(1).max(BULK_MOST)),
});
