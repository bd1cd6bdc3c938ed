import type { Metadata } from 'next';
import { NewPasswordField } from '@/app/new-password-field';
import { Form, Submit } from '@/components/form/form';
import { PublicShell } from '@/components/ui/app-shell';
import { ButtonLink } from '@/components/ui/button';
import { findOpenReset } from '@/lib/auth/reset-password';
import { counted } from '@/lib/counted';
import { countKeys } from '@/lib/users/consequences';
import { resetPasswordAction } from './actions';

export const metadata: Metadata = { title: 'Set a new password' };

type Props = { params: Promise<{ token: string }> };

/** Opening the link changes nothing. */
export default async function ResetPasswordPage({ params }: Props) {
  const { token } = await params;
  const reset = await findOpenReset(token);
  if (!reset)
    return (
      <PublicShell
        title="This link does not work any more"
        text="It may have been used, replaced by a newer one, or be older than one hour."
      >
        <ButtonLink href="/forgot-password">Ask for a new link</ButtonLink>
      </PublicShell>
    );
  const keys = await countKeys(reset.tenantId, [reset.userId]);
  const losing = keys > 0 ? `, and ${counted(keys, 'API key')} of yours will be revoked` : '';
  return (
    <PublicShell
      title="Set a new password"
      text={`For ${reset.email} at ${reset.tenantName}. You will be signed out everywhere${losing}.`}
    >
      <Form action={resetPasswordAction}>
        <input type="hidden" name="token" value={token} />
        <input type="hidden" name="username" autoComplete="username" value={reset.email} />
        <NewPasswordField label="New password" />
        <Submit>Set the password</Submit>
      </Form>
    </PublicShell>
  );
}
