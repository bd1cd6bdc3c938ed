import { exactTime, relativeTime } from '@/components/format-time';
import type { Tone } from '@/components/ui/badge';
import { METHOD_NAMES } from '@/lib/sessions/method';
import { invitationStatus } from './invitation-status';
import type { UserRowData } from './users-table';

/** A row as it is shown, in the order of the columns. `standing` is null for somebody active. */
export type UserRow = [
  id: string,
  email: string,
  firstName: string,
  lastName: string,
  standing: [Tone, string] | null,
  mfa: boolean | null,
  saml: boolean,
  admin: boolean,
  login: [iso: string, exact: string, words: string, method: string] | null,
];

export const toRow = (user: UserRowData, now: Date, timeZone: string): UserRow => [
  user.id,
  user.email,
  user.firstName,
  user.lastName,
  standing(user, now),
  user.mfa === 'not_applicable' ? null : user.mfa === 'set_up',
  user.samlEnabled,
  user.role === 'tenant_admin',
  user.lastLoginAt && [
    user.lastLoginAt.toISOString(),
    exactTime(user.lastLoginAt, timeZone),
    relativeTime(user.lastLoginAt, now),
    METHOD_NAMES[user.lastLoginMethod ?? 'password'],
  ],
];

function standing(user: UserRowData, now: Date): [Tone, string] | null {
  if (user.status === 'active') return null;
  if (user.status === 'deactivated') return ['neutral', 'Deactivated'];
  if (user.status === 'removed') return ['danger', 'Removed'];
  const { tone, words } = invitationStatus(user.invitationExpiresAt, now);
  return [tone, words];
}
