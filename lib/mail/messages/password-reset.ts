import { exactly, type Message, message } from './layout';

type Reset = { tenantName: string; address: string; expiresAt: Date; url: string; sentBy: string | null };

export const passwordResetMessage = (it: Reset): Message =>
  message({
    subject: `Set a new password for ${it.tenantName}`,
    title: 'Set a new password',
    paragraphs: [
      it.sentBy
        ? `${it.sentBy} sent you this link to set a new password for ${it.address} at ${it.tenantName}.`
        : `Somebody, probably you, asked to set a new password for ${it.address} at ${it.tenantName}.`,
    ],
    link: { label: 'Set a new password', url: it.url },
    footnotes: [
      `The link works once, until ${exactly(it.expiresAt)}. A new password signs you out everywhere else.`,
      'If you did not ask for it, ignore this message: your password stays as it is.',
    ],
  });
