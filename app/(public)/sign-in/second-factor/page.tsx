import type { Metadata } from 'next';
import { ownPath } from '@/app/own-path';
import { PasskeyForm } from '@/app/passkey-form';
import { SignOutForm } from '@/app/sign-out-form';
import { Field } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { PublicShell } from '@/components/ui/app-shell';
import { requireStanding } from '@/lib/auth/current-actor';
import { listFactors } from '@/lib/mfa/factors';
import { askForSecondFactor, proveByCodeAction, proveByPasskeyAction } from './actions';

export const metadata: Metadata = { title: 'Second factor' };

type Props = { searchParams: Promise<{ next?: string | string[] }> };

export default async function SecondFactorPage({ searchParams }: Props) {
  const next = ownPath((await searchParams).next, '/');
  const session = await requireStanding(['challenge'], next);
  const { totp, passkeys } = await listFactors({ id: session.userId, tenantId: session.tenantId });
  return (
    <PublicShell title="Second factor" text={`Signing in to ${session.tenantName} as ${session.email}.`}>
      {passkeys.length > 0 && (
        <PasskeyForm
          ask={askForSecondFactor}
          action={proveByPasskeyAction}
          label="Use a passkey"
          variant={totp ? 'secondary' : 'primary'}
        >
          <input type="hidden" name="next" value={next} />
        </PasskeyForm>
      )}
      <Form action={proveByCodeAction}>
        <input type="hidden" name="next" value={next} />
        <Field
          name="code"
          label={totp ? 'Code' : 'Recovery code'}
          hint={
            totp
              ? 'The six digits that your authenticator app shows, or one of your recovery codes.'
              : 'If you cannot use your passkey: one of the codes you kept.'
          }
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <Submit variant={totp ? 'primary' : 'secondary'}>Go on</Submit>
      </Form>
      <p>Lost everything? An admin of your organisation can reset your second factor.</p>
      <SignOutForm label="Sign in as somebody else" />
    </PublicShell>
  );
}
