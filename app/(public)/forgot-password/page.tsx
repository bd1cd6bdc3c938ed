import type { Metadata } from 'next';
import Link from 'next/link';
import { Field } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { PublicShell } from '@/components/ui/app-shell';
import { forgotPasswordAction } from './actions';

export const metadata: Metadata = { title: 'Forgot your password?' };

export default function ForgotPasswordPage() {
  return (
    <PublicShell title="Forgot your password?" text="We send a link to your address. It works once, for one hour.">
      <Form action={forgotPasswordAction}>
        <Field name="email" label="E-mail" type="email" autoComplete="username" required />
        <Submit>Send the link</Submit>
      </Form>
      <p>
        <Link href="/sign-in" prefetch={false}>
          Back to sign-in
        </Link>
      </p>
    </PublicShell>
  );
}
