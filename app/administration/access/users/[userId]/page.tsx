import { readerTimeZone } from '@/app/reader';
import { Badge } from '@/components/ui/badge';
import { PageHeader } from '@/components/ui/page-header';
import { Said } from '@/components/ui/said';
import { listKeys } from '@/lib/api-keys/find';
import { sentence } from '@/lib/audit/sentence';
import { readReasons } from '@/lib/audit/why';
import { hasIdentity } from '@/lib/saml/unlink';
import { provisioningOf } from '@/lib/scim/connection';
import { listSessions } from '@/lib/sessions/find';
import { findTenant } from '@/lib/tenants/find';
import { displayName, isAddressHeld } from '@/lib/users/find';
import { countOtherAdmins } from '@/lib/users/last-admin';
import { isToConnect } from '@/lib/users/password-allowed';
import { USERS_PATH } from '../view';
import { AccessCard } from './access-card';
import { AuditTrail } from './audit-trail';
import { InvitationCard } from './invitation-card';
import { KeysCard } from './keys-card';
import { MailsCard } from './mails-card';
import { ProfileCard } from './profile-card';
import { readDone, readInvitation, readMails, readPerson, titledBy } from './read-person';
import { SessionsTable } from './sessions-table';

export const generateMetadata = titledBy((name) => name);

type Props = { params: Promise<{ userId: string }>; searchParams: Promise<{ done?: string | string[] }> };

export default async function UserPage({ params, searchParams }: Props) {
  const { actor, user } = await readPerson(params);
  const now = new Date();
  const [
    done,
    sessions,
    invitation,
    mails,
    keys,
    reasons,
    otherAdmins,
    provisioning,
    addressHeld,
    isConnected,
    { saml },
    timeZone,
  ] = await Promise.all([
    readDone(user, (await searchParams).done),
    listSessions(user.tenantId, user.id, now),
    readInvitation(user),
    readMails(user),
    listKeys(user.tenantId, user.id),
    readReasons(user),
    countOtherAdmins(user.tenantId, user.id),
    provisioningOf(user),
    isAddressHeld(user),
    hasIdentity(user),
    findTenant(user.tenantId),
    readerTimeZone(),
  ]);
  const connects = saml === 'required' && (await isToConnect(user));
  const shown = { actor, user, now, timeZone };
  return (
    <>
      <PageHeader
        title={displayName(user)}
        description={displayName(user) === user.email ? undefined : user.email}
        back={{ href: USERS_PATH, label: 'Users' }}
        actions={<Standing status={user.status} />}
      />
      {done && <Said>{sentence(done)}.</Said>}
      <div className="stack">
        {user.status === 'invited' && <InvitationCard {...shown} invitation={invitation} />}
        <ProfileCard {...shown} otherAdmins={otherAdmins} provisioning={provisioning} reasons={reasons} saml={saml} />
        <SessionsTable {...shown} sessions={sessions} />
        <MailsCard mails={mails} now={now} timeZone={timeZone} />
        <AccessCard
          {...shown}
          saml={saml}
          isToConnect={connects}
          isConnected={isConnected}
          otherAdmins={otherAdmins}
          addressHeld={addressHeld}
        />
        <KeysCard keys={keys} now={now} timeZone={timeZone} />
        <AuditTrail user={user} now={now} timeZone={timeZone} />
      </div>
    </>
  );
}

const STANDING = {
  active: { tone: 'ok', words: 'Active' },
  invited: { tone: 'accent', words: 'Invited' },
  deactivated: { tone: 'neutral', words: 'Deactivated' },
  removed: { tone: 'danger', words: 'Removed' },
} as const;

function Standing({ status }: { status: keyof typeof STANDING }) {
  return <Badge tone={STANDING[status].tone}>{STANDING[status].words}</Badge>;
}
