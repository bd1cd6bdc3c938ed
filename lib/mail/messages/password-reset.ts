import { exactly, type Message, message } from './layout';

/** Requested by somebody not signed in, sent by an admin, or caused by the owner's report of the account. */
export type ResetReason = 'asked-for' | 'sent' | 'reported-stolen';
type Reset = {
  tenantName: string;
  address: string;
  expiresAt: Date;
  url: string;
  reason: ResetReason;
  sender: string;
};

export const passwordResetMessage = (it: Reset): Message =>
  message({
    subject: `Set a new password for ${it.tenantName}`,
    title: 'Set a new password',
    paragraphs: [FIRST[it.reason](it)],
    link: { label: 'Set a new password', url: it.url },
    footnotes: [
      `The link works once, until ${exactly(it.expiresAt)}. A new password signs you out everywhere else.`,
      it.reason === 'reported-stolen'
        ? 'Until then the password opens nothing. If the link has ended, ask for another where you sign in: “Forgot your password?”.'
        : 'If you did not ask for it, ignore this message: your password stays as it is.',
    ],
  });

const FIRST: Record<ResetReason, (it: Reset) => string> = {
  'asked-for': (it) => `Somebody, probably you, asked to set a new password for ${it.address} at ${it.tenantName}.`,
  sent: (it) => `${it.sender} sent you this link to set a new password for ${it.address} at ${it.tenantName}.`,
  'reported-stolen': (it) =>
    `The account ${it.address} at ${it.tenantName} was reported: somebody else may know its password or hold its session. Everything was ended, and this link sets a new password.`,
};
