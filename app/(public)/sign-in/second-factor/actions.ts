'use server';

import { z } from 'zod';
import { enterBrowser } from '@/app/enter';
import { provenAction } from '@/app/form-action';
import type { PasskeyQuestion } from '@/app/passkey-form';
import { requireProven } from '@/lib/auth/current-actor';
import { authenticationOptions, passkeyAnswerField } from '@/lib/mfa/passkeys';
import { proveByCode, proveByPasskey } from '@/lib/mfa/prove';
import type { Entered } from '@/lib/users/enter';
import { codeField } from '@/lib/users/fields';

const next = z.string().optional();

const signedIn = ({ session }: { session: Entered }, input: { next?: string | undefined }) =>
  enterBrowser(session, input.next);

export const proveByCodeAction = provenAction(z.object({ code: codeField, next }), proveByCode, signedIn);

export async function askForSecondFactor(): Promise<PasskeyQuestion> {
  const { userId: id, tenantId, sessionId } = await requireProven();
  return { get: await authenticationOptions('second-factor', sessionId, { id, tenantId }) };
}

export const proveByPasskeyAction = provenAction(
  z.object({ answer: passkeyAnswerField, next }),
  proveByPasskey,
  signedIn,
);
