import { redirect } from 'next/navigation';
import { ConsequencePage } from '@/app/consequence-page';
import { KeptField } from '@/components/form/kept-field';
import { TickField } from '@/components/form/tick-field';
import { requireSession } from '@/lib/auth/current-actor';
import { counted } from '@/lib/counted';
import { findConnection } from '@/lib/saml/connection';
import { foreseeMode, isRecentTest, listPasswordAdmins, namedNow } from '@/lib/saml/mode';
import { findTenant } from '@/lib/tenants/find';
import { displayName } from '@/lib/users/find';
import { requireAction } from '../actions';
import { SAML_PATH } from '../saml-path';

export const metadata = { title: 'Require SAML' };

const hintsOf = ({ mfa, canComeBySaml }: { mfa: string; canComeBySaml: boolean }) => [
  ...(mfa === 'set_up' ? [] : ['has no second factor: set one up']),
  ...(canComeBySaml
    ? []
    : ['has not signed in by SAML yet: until they have, they get in as a break-glass admin alone']),
];

export default async function RequirePage() {
  const { tenantId, userId } = await requireSession('tenant_admin');
  const [{ saml }, connection, admins, seen, foreseen] = await Promise.all([
    findTenant(tenantId),
    findConnection(tenantId),
    listPasswordAdmins(tenantId),
    namedNow(tenantId),
    foreseeMode(tenantId),
  ]);
  if (!connection || saml === 'off') redirect(SAML_PATH);
  const isOn = saml === 'required';
  const refusal = isOn || isRecentTest(connection, new Date()) ? null : 'test-needed';
  const consequences = [
    'Passwords and passkeys open nothing any more, save for the accounts of the break-glass admins you name. Invitations are accepted by SAML. A Tenant Admin with a password who is not connected with the provider yet proves it once more, to be.',
    `${counted(foreseen.passwordOnly, 'person signs', 'people sign')} in by password alone so far: from now on the provider must know ${foreseen.passwordOnly === 1 ? 'them' : 'each of them'}.`,
    `${counted(foreseen.passwordSessions, 'session that a password opened ends', 'sessions that passwords opened end')} at once, except those of the break-glass admins. Yours too, unless you are one.`,
    `${counted(foreseen.samlAdmins, 'Tenant Admin signs', 'Tenant Admins sign')} in by SAML today. Name a break-glass admin for the day when the provider is down; without one only the operator can let you in.`,
  ];
  return (
    <ConsequencePage
      back={{ href: SAML_PATH, label: 'SAML Setup' }}
      title={isOn ? 'Break-glass admins' : 'Require SAML'}
      consequences={consequences}
      refusal={refusal}
      action={requireAction}
      button={isOn ? 'Save' : 'Require SAML'}
    >
      <KeptField name="seen" value={seen.join(' ')} />
      <fieldset className="field">
        <legend>Break-glass admins</legend>
        {admins.map((admin) => (
          <TickField
            key={admin.id}
            name="breakGlass"
            value={admin.id}
            label={displayName(admin)}
            hint={[admin.email, ...hintsOf(admin)].join(' · ')}
            defaultChecked={isOn ? admin.breakGlass : admin.id === userId}
          />
        ))}
        {admins.length === 0 && <p className="hint">No Tenant Admin has a password.</p>}
      </fieldset>
    </ConsequencePage>
  );
}
