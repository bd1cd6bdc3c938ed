import { exactTime, relativeTime, relativeTimeUntil } from '@/components/format-time';
import type { Tone } from '@/components/ui/badge';
import { METHOD_NAMES } from '@/lib/sessions/method';
import { invitationStatus, invitationStatusUntil } from './invitation-status';
import type { UserRowData } from './read-page';
import type { View } from './view';

/** A row as displayed, in column order. `standing` is null for active users. */
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

const DAY_MS = 86_400_000;

/**
 * The time in milliseconds until which the list stays the same if nothing is changed. It is `now` for views that people
 * enter or leave as time passes; for others it is when the first relative time in a row changes, at most a day.
 */
export function standsUntil(rows: UserRowData[], { status, login }: View, now: Date): number {
  if (status === 'invited' || status === 'expired' || (login && login !== 'never')) return now.getTime();
  const words = rows.map((user) =>
    Math.min(
      user.lastLoginAt ? relativeTimeUntil(user.lastLoginAt, now) : Number.POSITIVE_INFINITY,
      user.status === 'invited' ? invitationStatusUntil(user.invitationExpiresAt, now) : Number.POSITIVE_INFINITY,
    ),
  );
  return Math.min(now.getTime() + DAY_MS, ...words);
}

function standing(user: UserRowData, now: Date): [Tone, string] | null {
  if (user.status === 'active') return null;
  if (user.status === 'deactivated') return ['neutral', 'Deactivated'];
  if (user.status === 'removed') return ['danger', 'Removed'];
  const { tone, words } = invitationStatus(user.invitationExpiresAt, now);
  return [tone, words];
}
