import { ROLE_NAMES, type Role } from '@/lib/actor';
import { exactly, type Message, message } from './layout';

type Invitation = {
  tenantName: string;
  inviterName: string;
  address: string;
  role: Role;
  expiresAt: Date;
  url: string;
};

export const invitationMessage = (it: Invitation): Message =>
  message({
    subject: `${it.inviterName} invites you to ${it.tenantName}`,
    title: `Join ${it.tenantName}`,
    paragraphs: [`${it.inviterName} invites ${it.address} to ${it.tenantName} as ${ROLE_NAMES[it.role]}.`],
    link: { label: 'Accept the invitation', url: it.url },
    footnotes: [
      `The link works once, until ${exactly(it.expiresAt)}.`,
      'If you did not expect this, you can ignore it: nothing happens until the invitation is accepted.',
    ],
  });
