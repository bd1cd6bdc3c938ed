import type { Metadata } from 'next';
import { NewPasswordField } from '@/app/new-password-field';
import { readerTimeZone } from '@/app/reader';
import { SignedInShell } from '@/app/signed-in-shell';
import { Field } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { PasswordField } from '@/components/form/password-field';
import { Button } from '@/components/ui/button';
import { Card, CardHeader, DefinitionList } from '@/components/ui/card';
import { Notice } from '@/components/ui/notice';
import { PageHeader } from '@/components/ui/page-header';
import { ROLE_NAMES } from '@/lib/actor';
import { requireSession } from '@/lib/auth/current-actor';
import { findUser } from '@/lib/users/find';
import { REFUSALS } from '@/lib/users/refusals';
import { changePasswordAction, editOwnNamesAction } from './actions';
import { OwnSessions } from './own-sessions';
import { SecondFactors } from './second-factors';

export const metadata: Metadata = { title: 'Profile' };

const NOTICES: Record<string, string> = {
  'factor-removed': 'The second factor is removed. Your other sessions were ended.',
};

type Props = { searchParams: Promise<{ notice?: string | string[] }> };

export default async function ProfilePage({ searchParams }: Props) {
  const session = await requireSession();
  const timeZone = await readerTimeZone();
  const notice = NOTICES[String((await searchParams).notice)];
  const isManaged = (await findUser(session.tenantId, session.userId))?.profileManagedBy != null;
  return (
    <SignedInShell session={session}>
      <div className="narrow">
        <PageHeader title="Profile" description={`Your account at ${session.tenantName}.`} />
        {notice && <Notice tone="ok">{notice}</Notice>}
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
              <PasswordField name="currentPassword" label="Current password" autoComplete="current-password" required />
              <NewPasswordField label="New password" />
              <Submit>Change password</Submit>
            </Form>
          </Card>
          <SecondFactors session={session} timeZone={timeZone} />
          <OwnSessions session={session} timeZone={timeZone} />
        </div>
      </div>
    </SignedInShell>
  );
}
