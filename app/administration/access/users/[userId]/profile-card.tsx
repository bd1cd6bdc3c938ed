import { Time } from '@/components/time';
import { Card, CardHeader, DefinitionList } from '@/components/ui/card';
import type { User } from '@/db/schema/users';
import { ROLE_NAMES, type UserActor } from '@/lib/actor';
import type { Property, Reasons } from '@/lib/audit/why';
import { mayChangeRole, mayEditProfile } from '@/lib/users/policy';
import { detailHref } from '../detail-href';
import { DeedLink } from './deed-link';
import { Why } from './why';

type Props = { actor: UserActor; user: User; otherAdmins: number; reasons: Reasons; now: Date; timeZone: string };

const NOBODY_YET = <span className="text-muted">Not given</span>;

export function ProfileCard({ actor, user, otherAdmins, reasons, now, timeZone }: Props) {
  const to = user.role === 'tenant_admin' ? 'standard_user' : 'tenant_admin';
  const href = detailHref(user.id);
  const because = (property: Property, of: string, value: string) => (
    <>
      {value} <Why of={of} entry={reasons[property]} now={now} timeZone={timeZone} />
    </>
  );
  return (
    <Card>
      <CardHeader
        title="Profile and role"
        actions={
          <>
            <DeedLink href={`${href}/edit`} label="Edit" refusal={mayEditProfile(actor, user)} />
            <DeedLink href={`${href}/role`} label="Change role" refusal={mayChangeRole(actor, user, to, otherAdmins)} />
          </>
        }
      />
      <DefinitionList
        items={[
          { term: 'E-mail', value: user.email },
          { term: 'First name', value: user.firstName || NOBODY_YET },
          { term: 'Last name', value: user.lastName || NOBODY_YET },
          { term: 'Role', value: because('role', 'Role', ROLE_NAMES[user.role]) },
          { term: 'Is active', value: because('active', 'Is active', user.status === 'active' ? 'Yes' : 'No') },
          { term: 'Sign-in methods', value: signInMethods(user) },
          { term: 'SAML', value: because('saml', 'SAML', user.samlEnabled ? 'Enabled' : 'Not enabled') },
          { term: 'Second factor', value: because('mfa', 'Second factor', user.mfaEnabled ? 'Set up' : 'Not set up') },
          {
            term: 'Last login',
            value: user.lastLoginAt ? (
              <>
                <Time at={user.lastLoginAt} now={now} timeZone={timeZone} style="datetime" />, by{' '}
                {user.lastLoginMethod === 'saml' ? 'SAML' : 'password'}
              </>
            ) : (
              'Never'
            ),
          },
          { term: 'Here since', value: <Time at={user.createdAt} now={now} timeZone={timeZone} style="date" /> },
          { term: 'User id', value: <code>{user.id}</code> },
          ...(user.scimExternalId ? [{ term: 'SCIM external id', value: <code>{user.scimExternalId}</code> }] : []),
        ]}
      />
    </Card>
  );
}

function signInMethods(user: User): string {
  const methods = [user.passwordHash !== null && 'Password', user.samlEnabled && 'SAML'].filter(Boolean);
  return methods.join(', ') || 'None yet';
}
