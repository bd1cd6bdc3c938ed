import { confirmFirst } from '@/app/confirm-first';
import { ROLE_NAMES } from '@/lib/actor';
import { requireSession } from '@/lib/auth/current-actor';
import { countKeys } from '@/lib/users/consequences';
import { displayName } from '@/lib/users/find';
import { countOtherAdmins } from '@/lib/users/last-admin';
import { mayChangeRole } from '@/lib/users/policy';
import { detailHref } from '../../detail-href';
import { changeRoleAction } from '../actions';
import { ConsequencePage } from '../consequence-page';
import { adminWords } from '../consequence-words';
import { readPerson, titledBy } from '../read-person';

export const generateMetadata = titledBy((name) => `Role of ${name}`);

export default async function RolePage({ params }: { params: Promise<{ userId: string }> }) {
  const { actor, user } = await readPerson(params);
  const otherAdmins = await countOtherAdmins(user.tenantId, user.id);
  const to = user.role === 'tenant_admin' ? 'standard_user' : 'tenant_admin';
  const refusal = mayChangeRole(actor, user, to, otherAdmins);
  if (to === 'tenant_admin' && !refusal) await confirmFirst(await requireSession(), `${detailHref(user.id)}/role`);
  const keys = await countKeys(user.tenantId, [user.id]);
  const isSelf = actor.userId === user.id;
  const granting = [
    'They may see and change everybody here: invite, change roles, sign out, deactivate and remove people, admins included.',
    'It counts from their next request; they need not sign in again.',
  ];
  const taking = [
    'They lose the administration at their next request and stay signed in to the product.',
    ...adminWords(user, otherAdmins),
    ...(keys > 0
      ? [
          `${keys === 1 ? 'Their API key is' : `Their ${keys} API keys are`} refused for as long as they are no Tenant Admin.`,
        ]
      : []),
    ...(isSelf
      ? ['This is you: you leave the administration at once, and only another admin can bring you back.']
      : []),
  ];
  return (
    <ConsequencePage
      user={user}
      title={`Make ${isSelf ? 'yourself' : displayName(user)} a ${ROLE_NAMES[to]}?`}
      consequences={to === 'tenant_admin' ? granting : taking}
      refusal={refusal}
      action={changeRoleAction}
      button={`Make ${ROLE_NAMES[to]}`}
      variant={to === 'tenant_admin' ? 'primary' : 'danger'}
    >
      <input type="hidden" name="role" value={to} />
    </ConsequencePage>
  );
}
