import type { Metadata } from 'next';
import { NewPasswordField } from '@/app/new-password-field';
import { ownOf } from '@/app/own-of';
import { readerTimeZone } from '@/app/reader';
import { SignedInShell } from '@/app/signed-in-shell';
import { Field } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { PasswordField } from '@/components/form/password-field';
import { Card, CardHeader, DefinitionList } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
import { Said } from '@/components/ui/said';
import { ROLE_NAMES } from '@/lib/actor';
import { requireSession } from '@/lib/auth/current-actor';
import { loginPathOf } from '@/lib/saml/addresses';
import { findTenant } from '@/lib/tenants/find';
import { findUser } from '@/lib/users/find';
import { isToConnect } from '@/lib/users/password-allowed';
import { changePasswordAction, editOwnNamesAction } from './actions';
import { OwnSessions } from './own-sessions';
import { SecondFactors } from './second-factors';

export const metadata: Metadata = { title: 'Profile' };

const NOTICES: Record<string, string> = {
  'factor-removed': 'The second factor is removed. Your other sessions were ended.',
  'passkey-renamed': 'The passkey has its new name.',
  'session-ended': 'That session is ended.',
  'others-ended': 'Your other sessions are ended.',
};

type Props = { searchParams: Promise<{ notice?: string | string[] }> };

export default async function ProfilePage({ searchParams }: Props) {
  const session = await requireSession();
  const timeZone = await readerTimeZone();
  const [tenant, user] = await Promise.all([findTenant(session.tenantId), findUser(session.tenantId, session.userId)]);
  const connects = user && tenant.saml !== 'off' && (!user.samlEnabled || (await isToConnect(user)));
  const managed = user?.profileManagedBy != null;
  const notice = ownOf(NOTICES, (await searchParams).notice);
  return (
    <SignedInShell session={session}>
      <div className="narrow">
        <PageHeader title="Profile" description={`Your account at ${session.tenantName}.`} />
        {notice && <Said key={notice}>{notice}</Said>}
        <div className="stack">
          <Card>
            <CardHeader title="You" />
            <DefinitionList
              items={[
                { term: 'E-mail', value: session.email },
                { term: 'Role', value: ROLE_NAMES[session.role] },
                ...(managed
                  ? [
                      { term: 'First name', value: session.firstName },
                      { term: 'Last name', value: session.lastName },
                    ]
                  : []),
              ]}
            />
            {managed ? (
              <p className="hint">Your name and address are managed by your organisation’s identity provider.</p>
            ) : (
              <Form action={editOwnNamesAction}>
                <div className="field-pair">
                  <Field
                    name="firstName"
                    label="First name"
                    autoComplete="given-name"
                    defaultValue={session.firstName}
                    required
                  />
                  <Field
                    name="lastName"
                    label="Last name"
                    autoComplete="family-name"
                    defaultValue={session.lastName}
                    required
                  />
                </div>
                <Submit>Save</Submit>
              </Form>
            )}
          </Card>
          {user?.passwordHash && (
            <Card>
              <CardHeader title="Password" description="A new password ends your other sessions." />
              <Form action={changePasswordAction}>
                <input type="hidden" name="username" autoComplete="username" value={session.email} />
                <PasswordField
                  name="currentPassword"
                  label="Current password"
                  autoComplete="current-password"
                  required
                />
                <NewPasswordField label="New password" />
                <Submit>Change password</Submit>
              </Form>
            </Card>
          )}
          {connects && (
            <Card>
              <CardHeader
                title="Single sign-on"
                description="Sign in once by your organisation’s identity provider in this browser, and the two are connected."
                actions={
                  <a className="button" href={loginPathOf(tenant.slug, '/profile')}>
                    Connect
                  </a>
                }
              />
            </Card>
          )}
          {(user?.passwordHash != null || user?.mfaEnabled) && <SecondFactors session={session} timeZone={timeZone} />}
          <OwnSessions session={session} timeZone={timeZone} />
        </div>
      </div>
    </SignedInShell>
  );
}
