import { PASSWORD_SENTENCES } from '@/lib/crypto/password';
import { RESTORE_DAYS } from './policy';

/**
 * A sentence for every expected refusal, the same on a page, in a bulk result and in the shell. A command whose refusal
 * has no sentence here cannot be called by a door: it does not compile.
 */
export const REFUSALS = {
  ...PASSWORD_SENTENCES,
  'not-found': 'There is no such user.',
  'not-allowed': 'Only a Tenant Admin may do this. Your own role may have been changed just now.',
  self: 'You cannot do this to yourself. Ask another admin.',
  'last-admin': 'This is the last Tenant Admin who can sign in. Make somebody else an admin first.',
  invited: 'This person has not accepted the invitation yet. Revoke the invitation instead.',
  'not-active': 'This person is not active.',
  'not-deactivated': 'Only a deactivated person can be reactivated.',
  removed: 'This person was removed. Restore them first.',
  'not-removed': 'This person was not removed.',
  'too-late': `A removed person can be restored within ${RESTORE_DAYS} days.`,
  'address-taken': 'Somebody in this organisation already uses this address.',
  'already-user': 'This person is already an active user.',
  deactivated: 'This person is a deactivated user. Reactivate them instead of inviting.',
  'role-managed': 'The role is managed by the identity provider and is changed there.',
  'profile-managed': 'Name and address are managed by the identity provider and are changed there.',
  'invited-address': 'The invitation proves the address. Invite the new address instead, and remove this person.',
  'saml-only': 'This person signs in by the identity provider and has no password here.',
  'not-invited': 'There is no invitation to handle: this person is not in the state “invited”.',
  'no-open-invitation': 'There is no open invitation. Send a new one.',
  'session-not-found': 'This session has already ended.',
  'link-dead': 'This link does not work any more.',
  'slug-taken': 'Another tenant already has this slug.',
  'key-not-found': 'There is no such API key, or it was revoked already.',
  'key-name-taken': 'There is already an API key of this name.',
  'too-many-keys': 'There are too many API keys. Revoke those that nobody uses.',
  'verified-lately': 'The log was verified several times just now. Wait a minute.',
  limited: 'Too many tries. Wait a quarter of an hour, or set a new password by e-mail.',
  wrong: 'The e-mail address or the password is wrong.',
  'wrong-password': 'The current password is wrong.',
  'choice-expired': 'That took too long. Sign in again.',
  'address-mismatch': 'What you typed is not the person’s e-mail address.',
  'number-mismatch': 'What you typed is not the number of people.',
} as const satisfies Record<string, string>;

export type Refusal = keyof typeof REFUSALS;
