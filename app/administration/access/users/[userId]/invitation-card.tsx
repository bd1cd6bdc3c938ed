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
import { Delivery } from './delivery';
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
                {
                  term: 'Mail',
                  value: invitation.mail ? (
                    <Delivery mail={invitation.mail} now={now} timeZone={timeZone} />
                  ) : (
                    'No mail is kept for this invitation.'
                  ),
                },
              ]
            : []),
        ]}
      />
      {open && invitation.expiresAt > now && <InvitationLinkForm action={showInvitationLinkAction} userId={user.id} />}
    </Card>
  );
}
