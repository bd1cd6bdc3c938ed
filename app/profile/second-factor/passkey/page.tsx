import type { Metadata } from 'next';
import { confirmFirst } from '@/app/confirm-first';
import { ownPath } from '@/app/own-path';
import { PasskeyForm } from '@/app/passkey-form';
import { SignOutForm } from '@/app/sign-out-form';
import { Field } from '@/components/form/field';
import { PublicShell } from '@/components/ui/app-shell';
import { ButtonLink } from '@/components/ui/button';
import { requireStanding } from '@/lib/auth/current-actor';
import { PROOF_PATHS } from '@/lib/auth/proof-paths';
import { deviceName } from '@/lib/sessions/device';
import { addPasskeyAction, askForNewPasskey } from '../actions';
import { NewRecoveryCodes } from '../new-recovery-codes';

export const metadata: Metadata = { title: 'Add a passkey' };

type Props = { searchParams: Promise<{ next?: string | string[] }> };

export default async function PasskeyPage({ searchParams }: Props) {
  const next = ownPath((await searchParams).next, '/profile');
  const session = await requireStanding(['open', 'enrolment'], next);
  if (session.standing === 'open')
    await confirmFirst(session, `/profile/second-factor/passkey?next=${encodeURIComponent(next)}`);
  const back = session.standing === 'open' ? '/profile' : `${PROOF_PATHS.enrolment}?next=${encodeURIComponent(next)}`;
  return (
    <PublicShell
      title="Add a passkey"
      text="Your fingerprint, your face, the PIN of this device, or a security key. It works as a second factor, and to sign in without a password."
    >
      <PasskeyForm
        ask={askForNewPasskey}
        action={addPasskeyAction}
        label="Add the passkey"
        variant="primary"
        whenDone={<NewRecoveryCodes next={next} />}
      >
        <input type="hidden" name="next" value={next} />
        <Field
          name="name"
          label="Name"
          hint="So that you know it again in the list."
          defaultValue={deviceName(session.userAgent)}
          autoComplete="off"
          pattern=".*\S.*"
          maxLength={60}
          required
        />
      </PasskeyForm>
      <ButtonLink href={back} variant="quiet">
        Cancel
      </ButtonLink>
      <SignOutForm />
    </PublicShell>
  );
}
