'use server';

import { z } from 'zod';
import { ownAction } from '@/app/form-action';
import { ownPath } from '@/app/own-path';
import type { PasskeyQuestion } from '@/app/passkey-form';
import { confirmByPasskey, confirmByPassword } from '@/lib/auth/confirm';
import { requireSession, setSessionCookie } from '@/lib/auth/current-actor';
import { authenticationOptions, passkeyAnswerField } from '@/lib/mfa/passkeys';
import { passwordField } from '@/lib/users/fields';

const next = z.string().optional();

const confirmed = async ({ session }: { session: { token: string } }, input: { next?: string | undefined }) => {
  await setSessionCookie(session);
  return ownPath(input.next, '/profile');
};

export const confirmByPasswordAction = ownAction(
  z.object({ password: passwordField, next }),
  confirmByPassword,
  confirmed,
);

export async function askForConfirmation(): Promise<PasskeyQuestion> {
  const { userId: id, tenantId, sessionId } = await requireSession();
  return { get: await authenticationOptions('confirm', sessionId, { id, tenantId }) };
}

export const confirmByPasskeyAction = ownAction(
  z.object({ answer: passkeyAnswerField, next }),
  confirmByPasskey,
  confirmed,
);
