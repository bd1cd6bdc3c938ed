import type { Metadata } from 'next';
import { SignOutForm } from '@/app/sign-out-form';
import { Form, Submit } from '@/components/form/form';
import { PublicShell } from '@/components/ui/app-shell';
import { ButtonLink } from '@/components/ui/button';
import { requireSession } from '@/lib/auth/current-actor';
import { listFactors } from '@/lib/mfa/factors';
import { countRecoveryCodes, RECOVERY_CODES } from '@/lib/mfa/recovery-codes';
import { renewRecoveryCodesAction } from '../actions';
import { NewRecoveryCodes } from '../new-recovery-codes';

export const metadata: Metadata = { title: 'Recovery codes' };

export default async function RecoveryCodesPage() {
  const session = await requireSession();
  const whose = { id: session.userId, tenantId: session.tenantId };
  const [left, { totp, passkeys }] = await Promise.all([countRecoveryCodes(whose), listFactors(whose)]);
  if (!totp && passkeys.length === 0)
    return (
      <PublicShell
        title="Recovery codes"
        text="They stand in for a second factor, and you have none. Set one up, and ten codes come with it."
      >
        <ButtonLink href="/profile">Go to your profile</ButtonLink>
        <SignOutForm />
      </PublicShell>
    );
  return (
    <PublicShell title="New recovery codes" text={`${session.email} at ${session.tenantName}`}>
      <Form action={renewRecoveryCodesAction} whenDone={<NewRecoveryCodes next="/profile" />}>
        <p>
          {left} of {RECOVERY_CODES} codes are left. New ones replace them all.
        </p>
        <div className="form-actions">
          <Submit>Make new codes</Submit>
          <ButtonLink href="/profile">Cancel</ButtonLink>
        </div>
      </Form>
      <SignOutForm />
    </PublicShell>
  );
}
