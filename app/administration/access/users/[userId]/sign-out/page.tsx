import { consequencesFor } from '@/lib/users/consequences';
import { displayName } from '@/lib/users/find';
import { maySignOut } from '@/lib/users/policy';
import { forceSignOutAction } from '../actions';
import { ConsequencePage } from '../consequence-page';
import { sessionWords } from '../consequence-words';
import { readPerson, titledBy } from '../read-person';

export const generateMetadata = titledBy((name) => `Sign ${name} out`);

export default async function SignOutPage({ params }: { params: Promise<{ userId: string }> }) {
  const { actor, user } = await readPerson(params);
  const { sessionsEnding } = await consequencesFor(user);
  return (
    <ConsequencePage
      user={user}
      title={`Sign ${displayName(user)} out everywhere?`}
      consequences={[
        sessionsEnding === 0 ? 'They are not signed in anywhere: nothing would end.' : sessionWords(sessionsEnding),
        'They may sign in again. To keep them out, deactivate them.',
        ...(actor.userId === user.id ? ['This is you: you will have to sign in again too.'] : []),
      ]}
      refusal={maySignOut(actor, user)}
      action={forceSignOutAction}
      button="Sign out everywhere"
    />
  );
}
