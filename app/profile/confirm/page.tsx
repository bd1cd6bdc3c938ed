import type { Metadata } from 'next';
import { ownPath } from '@/app/own-path';
import { PasskeyForm } from '@/app/passkey-form';
import { SignOutForm } from '@/app/sign-out-form';
import { Form, Submit } from '@/components/form/form';
import { PasswordField } from '@/components/form/password-field';
import { PublicShell } from '@/components/ui/app-shell';
import { ButtonLink } from '@/components/ui/button';
import { requireSession } from '@/lib/auth/current-actor';
import { listFactors } from '@/lib/mfa/factors';
import { loginPathOf } from '@/lib/saml/addresses';
import { findTenant } from '@/lib/tenants/find';
import { findUser } from '@/lib/users/find';
import { mayUsePassword } from '@/lib/users/password-allowed';
import { askForConfirmation, confirmByPasskeyAction, confirmByPasswordAction } from './actions';

export const metadata: Metadata = { title: 'Confirm that it is you' };

type Props = { searchParams: Promise<{ next?: string | string[]; again?: string | string[] }> };

export default async function ConfirmPage({ searchParams }: Props) {
  const session = await requireSession();
  const asked = await searchParams;
  const next = ownPath(asked.next, '/profile');
  const again = asked.again ? ' Nothing was changed yet: you come back to do it once more.' : '';
  const back = /^\/administration\/access\/[a-z-]+/.exec(next)?.[0] ?? '/profile';
  const { userId: id, tenantId } = session;
  const [{ passkeys }, user, { slug, saml }] = await Promise.all([
    listFactors({ id, tenantId }),
    findUser(tenantId, id),
    findTenant(tenantId),
  ]);
  const bySso = session.method === 'saml';
  // Some providers never ask for credentials again, so people who may use their own password or passkey here can do so.
  const byOwn = user !== null && user.passwordHash !== null && mayUsePassword(user, saml);
  return (
    <PublicShell
      title="Confirm that it is you"
      text={`What comes next must be done by ${session.email}, and nobody who only found this browser open.${again}`}
    >
      {bySso && (
        <div className="form">
          <a
            className="button"
            data-variant="primary"
            href={`${loginPathOf(slug)}?again&next=${encodeURIComponent(next)}`}
          >
            Sign in again with SSO
          </a>
        </div>
      )}
      {byOwn && passkeys.length > 0 && (
        <PasskeyForm ask={askForConfirmation} action={confirmByPasskeyAction} label="Use a passkey">
          <input type="hidden" name="next" value={next} />
        </PasskeyForm>
      )}
      {byOwn ? (
        <Form action={confirmByPasswordAction}>
          <input type="hidden" name="next" value={next} />
          <input type="hidden" name="username" autoComplete="username" value={session.email} />
          <PasswordField name="password" label="Password" autoComplete="current-password" required />
          <div className="form-actions">
            <Submit variant={bySso ? 'secondary' : 'primary'}>Go on</Submit>
            <ButtonLink href={back}>Cancel</ButtonLink>
          </div>
        </Form>
      ) : (
        <ButtonLink href={back}>Cancel</ButtonLink>
      )}
      <SignOutForm />
    </PublicShell>
  );
}
