'use server';

import { after } from 'next/server';
import { z } from 'zod';
import { publicAction } from '@/app/form-action';
import { forgotPassword } from '@/lib/auth/forgot-password';
import { refuse } from '@/lib/outcome';
import { emailField } from '@/lib/users/fields';

export const forgotPasswordAction = publicAction(
  z.object({ email: emailField }),
  async (origin, input) => {
    const outcome = await forgotPassword(input, origin);
    // The usual message of this refusal sends people to this very page.
    return outcome.ok ? outcome : refuse('limited-mails');
  },
  ({ sent }, { email }) => {
    // The response does not wait for the look-up, so its timing reveals nothing about the account.
    after(sent);
    return {
      status: 'done',
      message: `If ${email} belongs to an active account, a link is on its way to it. Look in the spam folder too.`,
    };
  },
);
