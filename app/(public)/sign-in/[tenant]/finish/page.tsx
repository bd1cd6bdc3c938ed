import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { Form, Submit } from '@/components/form/form';
import { SubmitOnce } from '@/components/form/submit-once';
import { PublicShell } from '@/components/ui/app-shell';
import { ButtonLink } from '@/components/ui/button';
import { Notice } from '@/components/ui/notice';
import { currentSession } from '@/lib/auth/current-actor';
import { readArrival } from '@/lib/saml/arrive';
import { personWords } from '@/lib/saml/reasons';
import { finishAction } from '../../actions';

export const metadata: Metadata = { title: 'Signing in', robots: 'noindex' };

type Props = { params: Promise<{ tenant: string }>; searchParams: Promise<{ arrival?: string | string[] }> };

/** The last step of a sign-in by SAML is a deed of this browser: by itself with scripts, by the button without. */
export default async function FinishPage({ params, searchParams }: Props) {
  const { tenant: slug } = await params;
  const handle = String((await searchParams).arrival ?? '');
  const found = await readArrival(slug, handle, await cookies(), await currentSession());
  if (!found.ok)
    return (
      <PublicShell title="You are not signed in" text={personWords(found.refusal)}>
        <ButtonLink href={`/sign-in/${encodeURIComponent(slug)}`}>Sign in</ButtonLink>
      </PublicShell>
    );
  const { tenantName, email, connects, leaves, asks } = found.value;
  return (
    <PublicShell
      title={`Sign in to ${tenantName}`}
      text={email ? `Your identity provider says that you are ${email}.` : 'One more step.'}
    >
      {leaves && (
        <Notice tone="warn">
          You are signed in to {leaves.tenantName} as {leaves.email}. That session ends. Did you not begin this? Then
          close this page.
        </Notice>
      )}
      {connects && (
        <p>You have proven your password here. From now on your identity provider signs you in to this account too.</p>
      )}
      <Form
        action={finishAction}
        whenDone={<ButtonLink href={`/sign-in/${encodeURIComponent(slug)}`}>Sign in</ButtonLink>}
      >
        <input type="hidden" name="arrival" value={handle} />
        <Submit>{connects ? 'Connect and sign in' : 'Continue'}</Submit>
        {!asks && <SubmitOnce />}
      </Form>
    </PublicShell>
  );
}
