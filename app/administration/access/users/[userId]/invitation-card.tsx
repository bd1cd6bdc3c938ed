import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { Card, CardHeader, DefinitionList } from '@/components/ui/card';
import type { User } from '@/db/schema/users';
import type { UserActor } from '@/lib/actor';
import { mayHandleInvitation } from '@/lib/users/policy';
import type { Refusal } from '@/lib/users/refusals';
import { detailHref } from '../detail-href';
import { invitationStatus } from '../invitation-status';
import { resendInvitationAction, showInvitationLinkAction } from './actions';
import { DeedLink } from './deed-link';
import { InvitationLinkForm } from './invitation-link-form';
import { PersonForm } from './person-form';
import type { readInvitation } from './read-person';

type Invitation = Awaited<ReturnType<typeof readInvitation>>;
type Props = { actor: UserActor; user: User; invitation: Invitation; now: Date; timeZone: string };

export function InvitationCard({ actor, user, invitation, now, timeZone }: Props) {
  const open = invitation !== null && invitation.revokedAt === null && invitation.acceptedAt === null;
  const status = invitationStatus(open ? invitation.expiresAt : null, now);
  const notOpen: Refusal | null = open ? null : 'no-open-invitation';
  const times = { now, timeZone, style: 'datetime' } as const;
  return (
    <Card>
      <CardHeader
        title="Invitation"
        actions={
          <>
            <PersonForm
              action={resendInvitationAction}
              userId={user.id}
              label="Resend"
              refusal={mayHandleInvitation(actor, user)}
            />
            <DeedLink
              href={`${detailHref(user.id)}/revoke-invitation`}
              label="Revoke"
              variant="danger"
              refusal={notOpen}
            />
          </>
        }
      />
      <DefinitionList
        items={[
          { term: 'Status', value: <Badge tone={status.tone}>{status.words}</Badge> },
          ...(invitation
            ? [
                { term: 'Invited by', value: invitation.inviterName },
                { term: 'Invited', value: <Time at={invitation.createdAt} {...times} /> },
                { term: 'Valid until', value: <Time at={invitation.expiresAt} {...times} /> },
                { term: 'Mail', value: <Delivery mail={invitation.mail} now={now} timeZone={timeZone} /> },
              ]
            : []),
        ]}
      />
      {open && invitation.expiresAt > now && <InvitationLinkForm action={showInvitationLinkAction} userId={user.id} />}
    </Card>
  );
}

type Mail = NonNullable<NonNullable<Invitation>['mail']>;

/** No more than is known: "accepted" is the mail server's word for it, and nobody here can see an inbox. */
function Delivery({ mail, now, timeZone }: { mail: Mail | null; now: Date; timeZone: string }) {
  if (!mail) return 'No mail is kept for this invitation.';
  const next = <Time at={mail.nextAttemptAt} now={now} timeZone={timeZone} style="datetime" />;
  const words = mail.lastResponse && <code>{mail.lastResponse}</code>;
  if (mail.status === 'queued')
    return mail.attempts === 0 ? 'Queued: not offered to the mail server yet' : 'Being handed to the mail server';
  if (mail.status === 'accepted') return <>Accepted by the mail server: {words}</>;
  if (mail.status === 'deferred')
    return (
      <>
        Deferred after {mail.attempts} {mail.attempts === 1 ? 'try' : 'tries'}, next try {next}: {words}
      </>
    );
  if (mail.status === 'cancelled') return 'Cancelled before it was sent';
  return <>Failed: {words}</>;
}
