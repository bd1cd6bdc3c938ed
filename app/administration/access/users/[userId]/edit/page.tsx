import Link from 'next/link';
import { confirmPath } from '@/app/own-path';
import { Field } from '@/components/form/field';
import { Shown } from '@/components/form/shown';
import { requireSession } from '@/lib/auth/current-actor';
import { displayName } from '@/lib/users/find';
import { isRecentProof } from '@/lib/users/own-deed';
import { mayEditProfile } from '@/lib/users/policy';
import { REFUSALS } from '@/lib/users/refusals';
import { detailHref } from '../../detail-href';
import { editProfileAction } from '../actions';
import { ConsequencePage } from '../consequence-page';
import { readPerson, titledBy } from '../read-person';

export const generateMetadata = titledBy((name) => `Edit ${name}`);

export default async function EditPage({ params }: { params: Promise<{ userId: string }> }) {
  const { actor, user } = await readPerson(params);
  const { authenticatedAt } = await requireSession();
  const isInvited = user.status === 'invited';
  const fixed = isInvited
    ? REFUSALS['invited-address']
    : isRecentProof(authenticatedAt)
      ? null
      : 'To change what somebody signs in with, confirm first that it is you.';
  return (
    <ConsequencePage
      user={user}
      title={`Edit ${displayName(user)}`}
      consequences={
        isInvited
          ? ['The names are shown where they accept; they may correct them there.']
          : [
              'A changed e-mail address is what they sign in with from then on. Their sessions go on; both addresses get a mail about it.',
            ]
      }
      refusal={mayEditProfile(actor, user)}
      action={editProfileAction}
      button="Save"
      variant="primary"
    >
      <Shown values={{ firstName: user.firstName, lastName: user.lastName, email: user.email }} />
      <div className="field-pair">
        <Field name="firstName" label="First name" defaultValue={user.firstName} autoComplete="off" />
        <Field name="lastName" label="Last name" defaultValue={user.lastName} autoComplete="off" />
      </div>
      {fixed ? (
        <>
          <Field name="address" label="E-mail" defaultValue={user.email} disabled hint={fixed} />
          <input type="hidden" name="email" value={user.email} />
          {!isInvited && (
            <Link className="link" href={confirmPath(`${detailHref(user.id)}/edit`)} prefetch={false}>
              Confirm, and change the address
            </Link>
          )}
        </>
      ) : (
        <Field name="email" label="E-mail" type="email" defaultValue={user.email} autoComplete="off" required />
      )}
    </ConsequencePage>
  );
}
