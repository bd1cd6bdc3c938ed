import type { Metadata } from 'next';
import { NewPasswordField } from '@/app/new-password-field';
import { readerTimeZone } from '@/app/reader';
import { signOutAction } from '@/app/session-actions';
import { Field } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { Time } from '@/components/time';
import { PublicShell } from '@/components/ui/app-shell';
import { Button, ButtonLink } from '@/components/ui/button';
import { DefinitionList } from '@/components/ui/card';
import { Notice } from '@/components/ui/notice';
import { ROLE_NAMES } from '@/lib/actor';
import { currentSession } from '@/lib/auth/current-actor';
import { findOpenInvitation } from '@/lib/invitations/find-open';
import { loginPathOf } from '@/lib/saml/addresses';
import { acceptInvitationAction } from './actions';

export const metadata: Metadata = { title: 'Invitation', robots: 'noindex' };

type Props = { params: Promise<{ token: string }> };

/** Opening the link changes nothing: mail scanners open links. Only the form's POST accepts. */
export default async function InvitationPage({ params }: Props) {
  const { token } = await params;
  const [invitation, session, timeZone] = await Promise.all([
    findOpenInvitation(token),
    currentSession(),
    readerTimeZone(),
  ]);
  if (!invitation) return <DeadLink />;
  if (session && session.userId !== invitation.userId) {
    return (
      <PublicShell title={`Join ${invitation.tenantName}`} text={`This invitation is for ${invitation.email}.`}>
        <Notice tone="warn" title={`You are signed in as ${session.email}`}>
          Sign out of {session.tenantName} to accept it. Your account there stays as it is.
        </Notice>
        <form action={signOutAction}>
          <input type="hidden" name="next" value={`/invitations/${token}`} />
          <Button type="submit" variant="primary">
            Sign out and go on
          </Button>
        </form>
      </PublicShell>
    );
  }
  return (
    <PublicShell title={`Join ${invitation.tenantName}`} text={`${invitation.inviterName} invited you.`}>
      <DefinitionList
        items={[
          { term: 'E-mail', value: invitation.email },
          { term: 'Role', value: ROLE_NAMES[invitation.role] },
          {
            term: 'Valid until',
            value: <Time at={invitation.expiresAt} timeZone={timeZone} now={new Date()} style="datetime" />,
          },
        ]}
      />
      {invitation.saml !== 'off' && (
        <a
          className="button"
          data-variant={invitation.saml === 'required' ? 'primary' : 'secondary'}
          href={loginPathOf(invitation.tenantSlug)}
        >
          Accept with SSO
        </a>
      )}
      {invitation.saml === 'required' ? (
        <p>
          {invitation.tenantName} signs people in by its identity provider alone. Signing in there accepts this
          invitation.
        </p>
      ) : (
        <AcceptForm token={token} {...invitation} />
      )}
    </PublicShell>
  );
}

type AcceptProps = { token: string; email: string; firstName: string; lastName: string };

function AcceptForm({ token, email, firstName, lastName }: AcceptProps) {
  return (
    <Form action={acceptInvitationAction}>
      <input type="hidden" name="token" value={token} />
      <input type="hidden" name="username" autoComplete="username" value={email} />
      <Field name="firstName" label="First name" autoComplete="given-name" defaultValue={firstName} required />
      <Field name="lastName" label="Last name" autoComplete="family-name" defaultValue={lastName} required />
      <NewPasswordField label="Password" />
      <Submit>Accept and sign in</Submit>
    </Form>
  );
}

function DeadLink() {
  return (
    <PublicShell
      title="This invitation does not work any more"
      text="It may have been accepted already, replaced by a newer one, or have run out. If you have an account, sign in. Otherwise ask the person who invited you to send it again."
    >
      <ButtonLink href="/sign-in">Sign in</ButtonLink>
    </PublicShell>
  );
}
