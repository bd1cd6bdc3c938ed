import { Field } from '@/components/form/field';
import { consequencesFor } from '@/lib/users/consequences';
import { displayName } from '@/lib/users/find';
import { mayRemove, RESTORE_DAYS } from '@/lib/users/policy';
import { removeAction } from '../actions';
import { ConsequencePage } from '../consequence-page';
import { accessWords } from '../consequence-words';
import { readPerson, titledBy } from '../read-person';

export const generateMetadata = titledBy((name) => `Remove ${name}`);

export default async function RemovePage({ params }: { params: Promise<{ userId: string }> }) {
  const { actor, user } = await readPerson(params);
  const it = await consequencesFor(user);
  return (
    <ConsequencePage
      user={user}
      title={`Remove ${displayName(user)}?`}
      consequences={[
        ...accessWords(user, it),
        'They leave the list, and their address can be invited anew.',
        `Within ${RESTORE_DAYS} days they can be restored. After that they are erased; the audit trail keeps what was done.`,
      ]}
      refusal={mayRemove(actor, user, it.otherAdmins)}
      action={removeAction}
      button="Remove"
    >
      <Field name="typed" label={`Type ${user.email} to confirm`} autoComplete="off" spellCheck={false} required />
    </ConsequencePage>
  );
}
