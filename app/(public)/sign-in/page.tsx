import type { Metadata } from 'next';
import Link from 'next/link';
import { redirect } from 'next/navigation';
import { ownOf } from '@/app/own-of';
import { ownPath } from '@/app/own-path';
import { PasskeyForm } from '@/app/passkey-form';
import { Field } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { PasswordField } from '@/components/form/password-field';
import { PublicShell } from '@/components/ui/app-shell';
import { Notice } from '@/components/ui/notice';
import { currentSession } from '@/lib/auth/current-actor';
import { askForPasskeyQuestion, continueWithSsoAction, signInAction, signInByPasskeyAction } from './actions';

export const metadata: Metadata = { title: 'Sign in' };

const NOTICES: Record<string, string> = {
  'password-reset': 'Your new password is set. Sign in with it.',
  'factor-reset': 'Your second factor is reset, and you are signed out everywhere.',
  'reported-stolen': 'You are signed out everywhere. A link to set a new password is on its way to you.',
  'reported-stolen-sso': 'You are signed out everywhere. Sign in by your identity provider.',
  'not-sent': 'You are not signed in any more, so what you sent was not done. Sign in, and send it again.',
  'choice-expired': 'That took too long. Sign in again.',
};

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function SignInPage({ searchParams }: Props) {
  const params = await searchParams;
  const next = ownPath(params.next, '/');
  const session = await currentSession();
  if (session?.standing === 'open') redirect(next);
  const notice = ownOf(NOTICES, params.notice);
  return (
    <PublicShell title="Sign in" text="With the address your organisation knows you by.">
      {notice && <Notice tone="info">{notice}</Notice>}
      <Form action={signInAction}>
        <input type="hidden" name="next" value={next} />
        <Field name="email" label="E-mail" type="email" autoComplete="username" required />
        <PasswordField name="password" label="Password" autoComplete="current-password" required />
        <Submit>Sign in</Submit>
      </Form>
      <PasskeyForm ask={askForPasskeyQuestion} action={signInByPasskeyAction} label="Use a passkey">
        <input type="hidden" name="next" value={next} />
      </PasskeyForm>
      <Form action={continueWithSsoAction}>
        <input type="hidden" name="next" value={next} />
        <details>
          <summary>Continue with SSO</summary>
          <Field
            name="email"
            label="Work address or organisation"
            hint="The address that you have there, or the name that stands behind /sign-in/ in its own link."
            inputMode="email"
            autoCapitalize="none"
            autoComplete="username"
            required
          />
          <Submit variant="secondary">Continue with SSO</Submit>
        </details>
      </Form>
      <p>
        <Link href="/forgot-password" prefetch={false}>
          Forgot your password?
        </Link>
      </p>
    </PublicShell>
  );
}
