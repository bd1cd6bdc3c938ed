import type { Metadata } from 'next';
import { NewPasswordField } from '@/app/new-password-field';
import { Field } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { PublicShell } from '@/components/ui/app-shell';
import { ButtonLink } from '@/components/ui/button';
import { isSetupOpen } from '@/lib/auth/setup';
import { setUpAction } from './actions';

export const metadata: Metadata = { title: 'Set up' };

type Props = { searchParams: Promise<{ token?: string | string[] }> };

export default async function SetupPage({ searchParams }: Props) {
  const { token } = await searchParams;
  if (typeof token !== 'string' || !(await isSetupOpen(token)))
    return (
      <PublicShell
        title="This set-up link does not work"
        text="Rollcall is set up already, or the link is older than a week. Each start of an empty Rollcall prints a new one."
      >
        <ButtonLink href="/sign-in">Sign in</ButtonLink>
      </PublicShell>
    );
  return (
    <PublicShell title="Set up Rollcall" text="The first organisation and its first Tenant Admin: you.">
      <Form action={setUpAction}>
        <input type="hidden" name="token" value={token} />
        <Field name="tenantName" label="Organisation" autoComplete="organization" required />
        <Field name="firstName" label="First name" autoComplete="given-name" required />
        <Field name="lastName" label="Last name" autoComplete="family-name" required />
        <Field name="email" label="E-mail" type="email" autoComplete="username" required />
        <NewPasswordField label="Password" />
        <Submit>Set up and sign in</Submit>
      </Form>
    </PublicShell>
  );
}
