'use server';

import { z } from 'zod';
import { publicAction } from '@/app/form-action';
import { resetPassword } from '@/lib/auth/reset-password';
import { passwordField, tokenField } from '@/lib/users/fields';

export const resetPasswordAction = publicAction(
  z.object({ token: tokenField, password: passwordField }),
  (origin, input) => resetPassword(input, origin),
  () => '/sign-in?notice=password-reset',
);
