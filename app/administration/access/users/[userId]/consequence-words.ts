import type { User } from '@/db/schema/users';
import { counted } from '@/lib/counted';
import type { consequencesFor } from '@/lib/users/consequences';
import { MOST_ADMINS } from '@/lib/users/last-admin';
import { isOfScim } from '@/lib/users/policy';

type Consequences = Awaited<ReturnType<typeof consequencesFor>>;

/** The consequences of losing all access, in sentences; the same for deactivation and removal. */
export const accessWords = (user: User, it: Consequences): string[] => [
  sessionWords(it.sessionsEnding),
  ...keyWords(it.liveKeys),
  ...linkWords(it),
  ...adminWords(user, it.otherAdmins),
  ...(isOfScim(user) ? [`They are ${SCIM_WORDS}`] : []),
];

export const sessionWords = (ending: number): string =>
  ending === 0
    ? 'They are not signed in anywhere.'
    : `${counted(ending, 'session ends', 'sessions end')} at once: their next click is refused.`;

/** For one person or many. */
export const keyWords = (liveKeys: number): string[] =>
  liveKeys > 0 ? [`${counted(liveKeys, 'API key is', 'API keys are')} revoked at once and for good.`] : [];

export const linkWords = ({ openInvitations, openResets }: Pick<Consequences, 'openInvitations' | 'openResets'>) => [
  ...(openInvitations > 0
    ? [
        `${counted(openInvitations, 'open invitation is revoked: its link stops', 'open invitations are revoked: their links stop')} working.`,
      ]
    : []),
  ...(openResets > 0
    ? [`${counted(openResets, 'password reset link stops', 'password reset links stop')} working.`]
    : []),
];

/** How many other admins who can sign in would remain. */
export const adminWords = (user: User, otherAdmins: number): string[] =>
  user.role === 'tenant_admin' && user.status === 'active' ? [remainingWords(otherAdmins, 'other Tenant Admin')] : [];

export const remainingWords = (n: number, admin = 'Tenant Admin'): string =>
  n === 0
    ? 'No Tenant Admin who can sign in would remain.'
    : n > MOST_ADMINS
      ? `More than ${MOST_ADMINS} ${admin}s who can sign in remain.`
      : `${counted(n, `${admin} who can sign in remains`, `${admin}s who can sign in remain`)}.`;

const SCIM_WORDS = 'provisioned by SCIM: the identity provider may undo this at its next sync. Do it there too.';

/** For many people. */
export const scimWords = (n: number): string[] =>
  n > 0 ? [`${counted(n, 'of them is', 'of them are')} ${SCIM_WORDS}`] : [];
