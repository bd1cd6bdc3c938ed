'use server';

import { z } from 'zod';
import { enterBrowser } from '@/app/enter';
import { publicAction } from '@/app/form-action';
import { currentSession } from '@/lib/auth/current-actor';
import { acceptInvitation } from '@/lib/invitations/accept';
import { ownFirstNameField, ownLastNameField, passwordField, tokenField } from '@/lib/users/fields';

const acceptance = z.object({
  token: tokenField,
  firstName: ownFirstNameField,
  lastName: ownLastNameField,
  password: passwordField,
});

export const acceptInvitationAction = publicAction(
  acceptance,
  async (origin, input) => acceptInvitation(input, origin, await currentSession()),
  ({ session }) => enterBrowser(session, '/'),
);
