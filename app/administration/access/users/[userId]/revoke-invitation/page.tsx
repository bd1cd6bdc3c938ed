import { displayName } from '@/lib/users/find';
import { mayHandleInvitation } from '@/lib/users/policy';
import { revokeInvitationAction } from '../actions';
import { ConsequencePage } from '../consequence-page';
import { readInvitation, readPerson, titledBy } from '../read-person';

export const generateMetadata = titledBy((name) => `Revoke the invitation of ${name}`);

export default async function RevokeInvitationPage({ params }: { params: Promise<{ userId: string }> }) {
  const { actor, user } = await readPerson(params);
  const invitation = await readInvitation(user);
  const isOpen = invitation !== null && invitation.acceptedAt === null && invitation.revokedAt === null;
  return (
    <ConsequencePage
      user={user}
      title={`Revoke the invitation of ${displayName(user)}?`}
      consequences={[
        'The link in their mail stops working at once. If the mail still waits, it is not sent.',
        'They stay in the list, to be invited again or removed.',
      ]}
      refusal={mayHandleInvitation(actor, user) ?? (isOpen ? null : 'no-open-invitation')}
      action={revokeInvitationAction}
      button="Revoke"
    />
  );
}
