import Link from 'next/link';
import type { ReactNode } from 'react';
import { Time } from '@/components/time';
import { Card, CardHeader, DefinitionList } from '@/components/ui/card';
import type { User } from '@/db/schema/users';
import { ROLE_NAMES, type UserActor } from '@/lib/actor';
import { sentence } from '@/lib/audit/sentence';
import type { Property, Reasons } from '@/lib/audit/why';
import type { provisioningOf } from '@/lib/scim/connection';
import { METHOD_NAMES } from '@/lib/sessions/method';
import type { SamlMode } from '@/lib/users/last-admin';
import { mayUsePassword } from '@/lib/users/password-allowed';
import { mayChangeRole, mayEditProfile } from '@/lib/users/policy';
import { SCIM_PATH } from '../../scim/scim-path';
import { detailHref } from '../detail-href';
import { DeedLink } from './deed-link';
import { Why } from './why';

type Provisioning = Awaited<ReturnType<typeof provisioningOf>>;
type Props = {
  actor: UserActor;
  user: User;
  otherAdmins: number;
  provisioning: Provisioning;
  reasons: Reasons;
  saml: SamlMode;
  now: Date;
  timeZone: string;
};

const MFA_WORDS = {
  set_up: 'Set up',
  not_set_up: 'Not set up',
  not_applicable: 'Not applicable: signs in by SAML only',
};
const NOBODY_YET = <span className="text-muted">Not given</span>;

export function ProfileCard({ actor, user, otherAdmins, provisioning, reasons, saml, now, timeZone }: Props) {
  const { managedBy, groups } = provisioning;
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
          ...(managedBy
            ? [{ term: 'Managed by', value: `${managedBy}, by SCIM: name and address are changed there.` }]
            : []),
          { term: 'E-mail', value: user.email },
          { term: 'First name', value: user.firstName || NOBODY_YET },
          { term: 'Last name', value: user.lastName || NOBODY_YET },
          { term: 'Role', value: because('role', 'Role', ROLE_NAMES[user.role]) },
          ...(user.role === 'tenant_admin'
            ? [{ term: 'Why an admin?', value: <WhyAdmin user={user} groups={groups} entry={reasons.role} /> }]
            : []),
          ...(groups.length > 0 ? [{ term: 'Groups', value: groups.map(({ name }) => name).join(', ') }] : []),
          { term: 'Is active', value: because('active', 'Is active', user.status === 'active' ? 'Yes' : 'No') },
          { term: 'Sign-in methods', value: signInMethods(user, saml) },
          { term: 'SAML', value: because('saml', 'SAML', user.samlEnabled ? 'Enabled' : 'Not enabled') },
          { term: 'Second factor', value: because('mfa', 'Second factor', MFA_WORDS[user.mfa]) },
          {
            term: 'Last login',
            value: user.lastLoginAt ? (
              <>
                <Time at={user.lastLoginAt} now={now} timeZone={timeZone} style="datetime" />
                {' · '}
                {user.lastLoginMethod && METHOD_NAMES[user.lastLoginMethod]}
              </>
            ) : (
              'Never'
            ),
          },
          { term: 'Here since', value: <Time at={user.createdAt} now={now} timeZone={timeZone} style="date" /> },
          { term: 'User id', value: <code>{user.id}</code> },
          ...(user.scimUserName ? [{ term: 'SCIM user name', value: <code>{user.scimUserName}</code> }] : []),
          ...(user.scimExternalId ? [{ term: 'SCIM external id', value: <code>{user.scimExternalId}</code> }] : []),
        ]}
      />
    </Card>
  );
}

/** Why a person is an admin: the group with the SCIM exchange that added them, and the audit entry of the role change. */
type WhyAdminProps = { user: User; groups: Provisioning['groups']; entry: Reasons['role'] };

function WhyAdmin({ user, groups, entry }: WhyAdminProps): ReactNode {
  const giving = user.roleManagedBy === 'scim' ? groups.filter(({ role }) => role === user.role) : [];
  return (
    <>
      {giving.map(({ id, name, exchangeId }) => (
        <span key={id}>
          By SCIM, as a member of “{name}” (
          <Link className="link" href={`${SCIM_PATH}/exchanges/${exchangeId}`} prefetch={false}>
            the exchange that added them
          </Link>
          ).{' '}
        </span>
      ))}
      {entry ? `${sentence(entry)}.` : 'From the beginning.'}
    </>
  );
}

/** The methods that would work now, not the ones used before. */
function signInMethods(user: User, saml: SamlMode): string {
  const methods = [
    user.passwordHash !== null && mayUsePassword(user, saml) && 'Password',
    user.samlEnabled && saml !== 'off' && 'SAML',
  ].filter(Boolean);
  return methods.join(', ') || 'None yet';
}
