import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { Form, Submit } from '@/components/form/form';
import { SubmitOnce } from '@/components/form/submit-once';
import { UntilRefused } from '@/components/form/until-refused';
import { PublicShell } from '@/components/ui/app-shell';
import { ButtonLink } from '@/components/ui/button';
import { Notice } from '@/components/ui/notice';
import { currentSession } from '@/lib/auth/current-actor';
import { readArrival } from '@/lib/saml/arrive';
import { personWords } from '@/lib/saml/reasons';
import { finishAction } from '../../actions';

export const metadata: Metadata = { title: 'Signing in', robots: 'noindex' };

type Props = { params: Promise<{ tenant: string }>; searchParams: Promise<{ arrival?: string | string[] }> };

/** The last step of a SAML sign-in is a form that this browser must send: a script submits it, or the button without scripts. */
export default async function FinishPage({ params, searchParams }: Props) {
  const { tenant: slug } = await params;
  const handle = String((await searchParams).arrival ?? '');
  const found = await readArrival(slug, handle, await cookies(), await currentSession());
  const again = <ButtonLink href={`/sign-in/${encodeURIComponent(slug)}`}>Sign in</ButtonLink>;
  // The form is rendered even if no arrival waits any more: without scripts it shows the response to its own submission.
  return (
    <PublicShell {...(found.ok ? welcome(found.value) : { title: 'You are not signed in' })}>
      <Form action={finishAction} whenDone={again}>
        <UntilRefused then={again}>
          {found.ok ? <Waiting {...found.value} handle={handle} /> : <p>{personWords(found.refusal)}</p>}
          {!found.ok && again}
        </UntilRefused>
      </Form>
    </PublicShell>
  );
}

type Arrived = Extract<Awaited<ReturnType<typeof readArrival>>, { ok: true }>['value'];

const welcome = ({ tenantName, email }: Arrived) => ({
  title: `Sign in to ${tenantName}`,
  text: email ? `Your identity provider says that you are ${email}.` : 'One more step.',
});

const Waiting = ({ connects, leaves, asks, handle }: Arrived & { handle: string }) => (
  <>
    {leaves && (
      <Notice tone="warn">
        You are signed in to {leaves.tenantName} as {leaves.email}. That session ends. Did you not begin this? Then
        close this page.
      </Notice>
    )}
    {connects && (
      <p>You have proven your password here. From now on your identity provider signs you in to this account too.</p>
    )}
    <input type="hidden" name="arrival" value={handle} />
    <Submit>{connects ? 'Connect and sign in' : 'Continue'}</Submit>
    {!asks && <SubmitOnce />}
  </>
);
