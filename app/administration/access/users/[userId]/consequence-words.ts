import type { User } from '@/db/schema/users';
import type { consequencesFor } from '@/lib/users/consequences';

type Consequences = Awaited<ReturnType<typeof consequencesFor>>;

const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

/** What losing all access touches, in sentences; the same for deactivation and removal. */
export function accessWords(user: User, it: Consequences): string[] {
  return [
    it.sessionsEnding === 0
      ? 'They are not signed in anywhere.'
      : `${count(it.sessionsEnding, 'session ends', 'sessions end')} at once: their next click is refused.`,
    ...(it.openInvitations > 0 ? ['Their open invitation is revoked and its link stops working.'] : []),
    ...(it.openResets > 0
      ? [`${count(it.openResets, 'password reset link stops', 'password reset links stop')} working.`]
      : []),
    ...adminWords(user, it.otherAdmins),
    ...(user.profileManagedBy === 'scim' || user.roleManagedBy === 'scim'
      ? ['They are provisioned by SCIM: the identity provider may undo this at its next sync. Do it there too.']
      : []),
  ];
}

/** Whether somebody who can administer and sign in remains. */
export function adminWords(user: User, otherAdmins: number): string[] {
  if (user.role !== 'tenant_admin' || user.status !== 'active') return [];
  if (otherAdmins === 0) return ['No Tenant Admin who can sign in would remain.'];
  return [
    `${count(otherAdmins, 'other Tenant Admin who can sign in remains', 'other Tenant Admins who can sign in remain')}.`,
  ];
}
