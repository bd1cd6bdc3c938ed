import type { BulkDeed } from '@/lib/bulk';

type Words = { button: string; title: string; text: string; done: string; danger?: true };

/** The words for a bulk command: its button, page title, explanation and result. */
export const DEED_WORDS: Record<BulkDeed, Words> = {
  'make-admin': {
    button: 'Make admin',
    title: 'Make Tenant Admins',
    text: 'They may then see and change everybody here, and invite and remove people. It counts from their next request.',
    done: 'made Tenant Admin',
  },
  'make-standard': {
    button: 'Make standard',
    title: 'Make Standard Users',
    text: 'They lose the administration at their next request and stay signed in.',
    done: 'made Standard User',
  },
  deactivate: {
    button: 'Deactivate',
    title: 'Deactivate people',
    text: 'Their sessions end at once and they cannot sign in until they are reactivated.',
    done: 'deactivated',
    danger: true,
  },
  reactivate: {
    button: 'Reactivate',
    title: 'Reactivate people',
    text: 'They can sign in again with the password they had.',
    done: 'reactivated',
  },
  'sign-out': {
    button: 'Force sign-out',
    title: 'Force a sign-out',
    text: 'All their sessions end at once. They may sign in again.',
    done: 'signed out',
    danger: true,
  },
  'ask-second-factor': {
    button: 'Ask for MFA',
    title: 'Ask to set up a second factor',
    text: 'Each is asked by mail to set up an authenticator app or a passkey. Nothing is changed, and nobody is signed out.',
    done: 'asked to set up a second factor',
  },
  'resend-invitation': {
    button: 'Resend invitation',
    title: 'Resend invitations',
    text: 'Each gets a new mail with a new link. The old links stop working.',
    done: 'invited again',
  },
  remove: {
    button: 'Remove',
    title: 'Remove people',
    text: 'They lose their access at once and leave the list. Within 30 days they can be restored.',
    done: 'removed',
    danger: true,
  },
  restore: { button: 'Restore', title: 'Restore people', text: 'They come back as they were.', done: 'restored' },
};
