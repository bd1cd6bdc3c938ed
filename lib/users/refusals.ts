import { PASSWORD_SENTENCES } from '@/lib/crypto/password';
import { RESTORE_DAYS } from './policy';

/**
 * A sentence for every expected refusal, shared by pages, bulk results and the shell. A command whose refusal has no sentence
 * here cannot be called by an interface: it does not compile.
 */
export const REFUSALS = {
  ...PASSWORD_SENTENCES,
  'not-found': 'There is no such user.',
  'not-allowed': 'Only a Tenant Admin may do this. Your own role may have been changed just now.',
  self: 'You cannot do this to yourself. Ask another admin.',
  'own-turn': 'This is you: your own turn comes last, by a page of its own, so that you see what became of the others.',
  'last-admin': 'This is the last Tenant Admin who can sign in. Make somebody else an admin first.',
  invited: 'This person has not accepted the invitation yet. Revoke the invitation instead.',
  'not-active': 'This person is not active.',
  'not-deactivated': 'Only a deactivated person can be reactivated.',
  removed: 'This person was removed. Restore them first.',
  'not-removed': 'This person was not removed.',
  'too-late': `A removed person can be restored within ${RESTORE_DAYS} days.`,
  'address-taken': 'Somebody in this organisation already uses this address.',
  'already-user': 'This person is already an active user.',
  'invited-often': 'This person was sent ten invitations within the hour. Look at why they do not arrive, and wait.',
  'invited-meanwhile': 'This person was invited a moment ago, and was left alone.',
  deactivated: 'This person is a deactivated user. Reactivate them instead of inviting.',
  'token-name-taken': 'There is a token of this name already. Revoke it, expired or not, or choose another name.',
  'token-expiry': 'A token is valid for 1 day up to 10 years.',
  'token-not-found': 'There is no such live token.',
  'group-not-found': 'There is no such group.',
  'role-managed': 'The role is managed by the identity provider and is changed there.',
  'profile-managed': 'Name and address are managed by the identity provider and are changed there.',
  'invited-address': 'The invitation proves the address. Invite the new address instead, and remove this person.',
  'key-in-use': 'Rollcall is running on this database, so its key is not lost. Nothing was changed.',
  'no-password':
    'You sign in by your identity provider, which asks for the second factor. Beside it, none is set up here.',
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
  'log-too-long':
    'This log is too long to be read while you wait. The operator of this product verifies it by the command “admin audit verify”.',
  limited: 'Too many tries. Wait a quarter of an hour, or set a new password by e-mail.',
  'limited-mails': 'Too many mails were asked for from here. Wait a quarter of an hour and ask again.',
  wrong: 'The e-mail address or the password is wrong.',
  'wrong-password': 'The current password is wrong.',
  'signed-out': 'Your session has ended. Sign in again.',
  'proof-needed': 'Confirm that it is you first: it is more than ten minutes since you last did.',
  'totp-there': 'There is an authenticator app already. Remove it first.',
  'enrolment-over': 'This secret is not good any more. Start again.',
  'wrong-code': 'This code is wrong, or it was used already. Wait for the next one.',
  'codes-limited': 'Too many codes. Wait a quarter of an hour.',
  'passkey-refused': 'The passkey was not accepted. Try again.',
  'passkeys-many': 'There are 20 passkeys already. Remove one first.',
  'no-factor': 'There is no second factor.',
  'factor-there': 'This person has a second factor already.',
  'factor-needed': 'Your organisation requires a second factor. Set up another one before you remove this.',
  'factor-not-found': 'This second factor was removed already.',
  'domain-not-allowed': 'Invitations may not go to this domain. The security settings say which ones.',
  'settings-changed': 'Another admin has changed these settings meanwhile. Look at them again.',
  'reset-required': 'This password was reported stolen. Set a new one by the link in your mail, or ask for a new link.',
  'saml-required':
    'Your organisation requires you to sign in by its identity provider. Choose “Continue with SSO” and enter your e-mail address.',
  'saml-required-of-them': 'Passwords open nothing here: the organisation requires SAML.',
  'no-link': 'The identity provider has not signed this person in yet.',
  'no-provider':
    'No identity provider is known for this address. Sign in by password, or by the address that your organisation gave you.',
  'no-connection': 'There is no SAML connection. Upload the metadata of your identity provider first.',
  'saml-off': 'Sign-in by SAML is not enabled. Enable it first.',
  'metadata-unusable': 'This metadata cannot be used. Check it first: the verdict says why.',
  'key-announced':
    'A key is announced already. Switch to it, or wait until every identity provider has its certificate.',
  'no-key-announced': 'No key is announced. Announce one first, and give its certificate to the identity providers.',
  'test-needed': 'Requiring SAML asks for a test sign-in that passed within the hour, with the settings as they are.',
  'break-glass-unfit':
    'Only an active Tenant Admin who has a password can be a break-glass admin. Somebody you named is none. Nothing was changed.',
  'no-admin-left':
    'No Tenant Admin who can sign in would remain. Name a break-glass admin, or give an admin a password, first.',
  'no-way-back':
    'SAML alone opens accounts here, and if this were wrong nobody could put it right. Name a break-glass admin first, or stop requiring SAML while you change it.',
  'domain-taken': 'Another organisation has one of these domains. If it is yours, the operator can verify it for you.',
  'domain-public': 'One of these domains is a public mail provider’s. People of everywhere have addresses there.',
  'job-not-found': 'There is no such job. It may be more than 30 days old.',
  'job-not-open': 'This job has ended already.',
  'job-not-stopped': 'This job was not stopped, or somebody has gone on with it already.',
  'nobody-chosen': 'Choose at least one person to invite.',
  'list-changed': 'The list has changed meanwhile: another number of people matches now. Look at it again.',
  unexpected: 'Something went wrong on our side, and nothing was done here. Try this one again.',
  'choice-expired': 'That took too long. Sign in again.',
  'address-mismatch': 'What you typed is not the person’s e-mail address.',
  'number-mismatch': 'What you typed is not the number of people.',
} as const satisfies Record<string, string>;

export type Refusal = keyof typeof REFUSALS;
