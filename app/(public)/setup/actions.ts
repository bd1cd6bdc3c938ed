'use server';

import { z } from 'zod';
import { publicAction } from '@/app/form-action';
import { setSessionCookie } from '@/lib/auth/current-actor';
import { setUp } from '@/lib/auth/setup';
import {
  emailField,
  ownFirstNameField,
  ownLastNameField,
  passwordField,
  tenantNameField,
  tokenField,
} from '@/lib/users/fields';

const setup = z.object({
  token: tokenField,
  tenantName: tenantNameField,
  firstName: ownFirstNameField,
  lastName: ownLastNameField,
  email: emailField,
  password: passwordField,
});

export const setUpAction = publicAction(
  setup,
  (origin, input) => setUp(input, origin),
  async ({ session }) => {
    await setSessionCookie(session);
    return '/administration/access/users';
  },
);
