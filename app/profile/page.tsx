import type { Metadata } from 'next';
import { readerTimeZone } from '@/app/reader';
import { SignedInShell } from '@/app/signed-in-shell';
import { Field } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { PasswordField } from '@/components/form/password-field';
import { Button } from '@/components/ui/button';
import { Card, CardHeader, DefinitionList } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
import { ROLE_NAMES } from '@/lib/actor';
import { requireSession } from '@/lib/auth/current-actor';
import { PASSWORD_MIN } from '@/lib/crypto/password';
import { findUser } from '@/lib/users/find';
import { REFUSALS } from '@/lib/users/refusals';
import { changePasswordAction, editOwnNamesAction } from './actions';
import { OwnSessions } from './own-sessions';

export const metadata: Metadata = { title: 'Profile' };

export default async function ProfilePage() {
  const session = await requireSession();
  const isManaged = (await findUser(session.tenantId, session.userId))?.profileManagedBy != null;
  return (
    <SignedInShell session={session}>
      <PageHeader title="Profile" description={`Your account at ${session.tenantName}.`} />
      <div className="stack">
        <Card>
          <CardHeader title="You" />
          <DefinitionList
            items={[
              { term: 'E-mail', value: session.email },
              { term: 'Role', value: ROLE_NAMES[session.role] },
            ]}
          />
          <Form action={editOwnNamesAction}>
            <div className="field-pair">
              <Field
                name="firstName"
                label="First name"
                autoComplete="given-name"
                defaultValue={session.firstName}
                disabled={isManaged}
                required
              />
              <Field
                name="lastName"
                label="Last name"
                autoComplete="family-name"
                defaultValue={session.lastName}
                disabled={isManaged}
                required
              />
            </div>
            {isManaged ? <Button disabledReason={REFUSALS['profile-managed']}>Save</Button> : <Submit>Save</Submit>}
          </Form>
        </Card>
        <Card>
          <CardHeader title="Password" description="A new password ends your other sessions." />
          <Form action={changePasswordAction}>
            <input type="hidden" name="username" autoComplete="username" value={session.email} />
            <PasswordField name="current" label="Current password" autoComplete="current-password" required />
            <PasswordField
              name="password"
              label="New password"
              autoComplete="new-password"
              hint={`At least ${PASSWORD_MIN} characters.`}
              required
            />
            <Submit>Change password</Submit>
          </Form>
        </Card>
        <OwnSessions session={session} timeZone={await readerTimeZone()} />
      </div>
    </SignedInShell>
  );
}
