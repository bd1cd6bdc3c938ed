import type { Metadata } from 'next';
import { ownPath } from '@/app/own-path';
import { startTotpAction } from '@/app/profile/second-factor/actions';
import { SignOutForm } from '@/app/sign-out-form';
import { Form, Submit } from '@/components/form/form';
import { PublicShell } from '@/components/ui/app-shell';
import { ButtonLink } from '@/components/ui/button';
import { requireStanding } from '@/lib/auth/current-actor';

export const metadata: Metadata = { title: 'Set up a second factor' };

type Props = { searchParams: Promise<{ next?: string | string[] }> };

/** If the tenant requires a second factor, people are redirected here until they have one. */
export default async function SetUpSecondFactorPage({ searchParams }: Props) {
  const next = ownPath((await searchParams).next, '/');
  const session = await requireStanding(['enrolment'], next);
  return (
    <PublicShell
      title="Set up a second factor"
      text={`${session.tenantName} requires one of everybody who signs in by password. It takes about two minutes.`}
    >
      <Form action={startTotpAction}>
        <input type="hidden" name="next" value={next} />
        <Submit>Authenticator app</Submit>
      </Form>
      <ButtonLink href={`/profile/second-factor/passkey?next=${encodeURIComponent(next)}`}>Passkey</ButtonLink>
      <SignOutForm />
    </PublicShell>
  );
}
