import { consequencesFor } from '@/lib/users/consequences';
import { displayName } from '@/lib/users/find';
import { mayDeactivate } from '@/lib/users/policy';
import { deactivateAction } from '../actions';
import { ConsequencePage } from '../consequence-page';
import { accessWords } from '../consequence-words';
import { readPerson, titledBy } from '../read-person';

export const generateMetadata = titledBy((name) => `Deactivate ${name}`);

export default async function DeactivatePage({ params }: { params: Promise<{ userId: string }> }) {
  const { actor, user } = await readPerson(params);
  const it = await consequencesFor(user);
  return (
    <ConsequencePage
      user={user}
      title={`Deactivate ${displayName(user)}?`}
      consequences={[
        ...accessWords(user, it),
        'The account, its role and its history stay. It can be reactivated at any time.',
      ]}
      refusal={mayDeactivate(actor, user, it.otherAdmins)}
      action={deactivateAction}
      button="Deactivate"
    />
  );
}
