import type { Metadata } from 'next';
import { ownPath } from '@/app/own-path';
import { PasskeyForm } from '@/app/passkey-form';
import { Form, Submit } from '@/components/form/form';
import { PasswordField } from '@/components/form/password-field';
import { PublicShell } from '@/components/ui/app-shell';
import { ButtonLink } from '@/components/ui/button';
import { requireSession } from '@/lib/auth/current-actor';
import { listFactors } from '@/lib/mfa/factors';
import { loginPathOf } from '@/lib/saml/addresses';
import { findTenant } from '@/lib/tenants/find';
import { askForConfirmation, confirmByPasskeyAction, confirmByPasswordAction } from './actions';

export const metadata: Metadata = { title: 'Confirm that it is you' };

type Props = { searchParams: Promise<{ next?: string | string[]; again?: string | string[] }> };

export default async function ConfirmPage({ searchParams }: Props) {
  const session = await requireSession();
  const asked = await searchParams;
  const next = ownPath(asked.next, '/profile');
  const again = asked.again ? ' Nothing was changed yet: you come back to do it once more.' : '';
  const { passkeys } = await listFactors({ id: session.userId, tenantId: session.tenantId });
  if (session.method === 'saml') {
    const { slug } = await findTenant(session.tenantId);
    return (
      <PublicShell
        title="Confirm that it is you"
        text={`Sign in again at your identity provider as ${session.email}.${again}`}
      >
        <a
          className="button"
          data-variant="primary"
          href={`${loginPathOf(slug)}?again&next=${encodeURIComponent(next)}`}
        >
          Continue with SSO
        </a>
        <ButtonLink href="/profile">Cancel</ButtonLink>
      </PublicShell>
    );
  }
  return (
    <PublicShell
      title="Confirm that it is you"
      text={`What comes next must be done by ${session.email}, and nobody who only found this browser open.${again}`}
    >
      {passkeys.length > 0 && (
        <PasskeyForm ask={askForConfirmation} action={confirmByPasskeyAction} label="Use a passkey">
          <input type="hidden" name="next" value={next} />
        </PasskeyForm>
      )}
      <Form action={confirmByPasswordAction}>
        <input type="hidden" name="next" value={next} />
        <input type="hidden" name="username" autoComplete="username" value={session.email} />
        <PasswordField name="password" label="Password" autoComplete="current-password" required />
        <div className="form-actions">
          <Submit>Go on</Submit>
          <ButtonLink href="/profile">Cancel</ButtonLink>
        </div>
      </Form>
    </PublicShell>
  );
}
