'use server';

import { z } from 'zod';
import { ownAction, provenAction } from '@/app/form-action';
import { ownPath } from '@/app/own-path';
import type { PasskeyQuestion } from '@/app/passkey-form';
import { requireProven, setSessionCookie } from '@/lib/auth/current-actor';
import { addPasskey, finishTotp, renewRecoveryCodes, startTotp } from '@/lib/mfa/enrol';
import { passkeyAnswerField, registrationOptions } from '@/lib/mfa/passkeys';
import { removeFactor, renamePasskey } from '@/lib/mfa/remove';
import type { Entered } from '@/lib/users/enter';
import { codeField, idField, passkeyNameField } from '@/lib/users/fields';
import { displayName } from '@/lib/users/find';

const APP = '/profile/second-factor/app';
const next = z.string().optional();
const onwards = (path: string | undefined) => encodeURIComponent(ownPath(path, '/profile'));

export const startTotpAction = provenAction(
  z.object({ next }),
  startTotp,
  (_, input) => `${APP}?next=${onwards(input.next)}`,
);

type Enrolled = { session: Entered | null; codes: string[] };

/** Only this response contains the recovery codes. A person's further factors create none. */
const enrolled =
  (message: string) =>
  async ({ session, codes }: Enrolled, input: { next?: string | undefined }) => {
    if (session) await setSessionCookie(session);
    if (codes.length === 0) return ownPath(input.next, '/profile');
    return { status: 'done' as const, message, values: { codes: codes.join(' ') } };
  };

export const finishTotpAction = provenAction(
  z.object({ code: codeField, next }),
  finishTotp,
  enrolled('Your authenticator app is set up.'),
);

/** Called by the page's script, so it returns the question instead of a form state. */
export async function askForNewPasskey(): Promise<PasskeyQuestion> {
  const session = await requireProven();
  if (session.standing !== 'open' && session.standing !== 'enrolment') return { refused: 'Finish your sign-in first.' };
  const { userId: id, tenantId, email, sessionId } = session;
  return { create: await registrationOptions({ id, tenantId, email, name: displayName(session) }, sessionId) };
}

export const addPasskeyAction = provenAction(
  z.object({ name: passkeyNameField, answer: passkeyAnswerField, next }),
  addPasskey,
  enrolled('Your passkey is set up.'),
);

export const renewRecoveryCodesAction = ownAction(z.object({}), renewRecoveryCodes, ({ codes }) => ({
  status: 'done',
  message: 'Your old recovery codes do not work any more.',
  values: { codes: codes.join(' ') },
}));

export const removeFactorAction = ownAction(
  z.object({ factor: z.union([z.literal('totp'), idField]) }),
  removeFactor,
  () => '/profile?notice=factor-removed',
);

export const renamePasskeyAction = ownAction(
  z.object({ passkeyId: idField, name: passkeyNameField }),
  renamePasskey,
  () => '/profile?notice=passkey-renamed',
);
