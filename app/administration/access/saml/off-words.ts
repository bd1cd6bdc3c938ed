import { counted } from '@/lib/counted';

type Foreseen = { samlSessions: number; samlOnly: number; passwordAdmins: number };

/** The consequences of no longer accepting the provider's sign-ins; the same for disabling and deleting. */
export const offWords = ({ samlSessions, samlOnly, passwordAdmins }: Foreseen): string[] => [
  samlSessions === 0
    ? 'No session that SAML opened is alive.'
    : `${counted(samlSessions, 'session that SAML opened ends', 'sessions that SAML opened end')} at once.`,
  samlOnly === 0
    ? 'Everybody who is active has a password.'
    : `${counted(samlOnly, 'person has', 'people have')} no password, and cannot sign in until an admin sends them a link to set one.`,
  passwordAdmins === 0
    ? 'No Tenant Admin who can sign in would remain.'
    : `${counted(passwordAdmins, 'Tenant Admin can', 'Tenant Admins can')} sign in by password.`,
];
