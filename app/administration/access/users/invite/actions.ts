'use server';

import { z } from 'zod';
import { adminAction } from '@/app/form-action';
import { checkBatch } from '@/lib/invitations/check-batch';
import { invite } from '@/lib/invitations/invite';
import type { BatchRow } from '@/lib/invitations/parse-batch';
import { done, type Outcome } from '@/lib/outcome';
import { emailField, firstNameField, lastNameField, roleField } from '@/lib/users/fields';
import type { Refusal } from '@/lib/users/refusals';
import { detailHref } from '../detail-href';

type Sent = { userId: string; auditId: string };

/** Asks once about a doubtful entry before anything is sent, with the same checks as the import. */
export const inviteAction = adminAction(
  z.object({
    email: emailField,
    firstName: firstNameField,
    lastName: lastNameField,
    role: roleField,
    sure: z.literal('on').optional(),
  }),
  async (actor, { sure, ...invitee }): Promise<Outcome<{ doubt: string } | Sent, Refusal>> => {
    const doubt = sure ? null : await doubtAbout(actor.tenantId, invitee);
    return doubt ? done({ doubt }) : invite(actor, invitee);
  },
  (value, { sure: _, ...values }) =>
    'doubt' in value
      ? { status: 'refused', message: value.doubt, fields: { email: value.doubt, sure: value.doubt }, values }
      : detailHref(value.userId, value.auditId),
);

async function doubtAbout(tenantId: string, invitee: Omit<BatchRow, 'line' | 'unknownRole'>): Promise<string | null> {
  const [checked] = await checkBatch(tenantId, [{ ...invitee, line: 1, unknownRole: null }]);
  return checked?.can === 'doubtful' ? `${checked.sentence} Send the invitation all the same?` : null;
}
