'use server';

import { z } from 'zod';
import { adminAction } from '@/app/form-action';
import { verifyLog } from '@/lib/audit/verify';

/** A POST because it is expensive, although it changes nothing. */
export const verifyAction = adminAction(
  z.object({}),
  (actor) => verifyLog(actor),
  ({ entries, head, broken }) =>
    broken
      ? { status: 'refused', message: `The log is broken. ${broken.words}` }
      : {
          status: 'done',
          message: `All ${entries.toLocaleString('en')} entries are unbroken, up to the head ${head}.`,
        },
);
