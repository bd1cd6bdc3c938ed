import { domainToASCII } from 'node:url';
import type { Tenant } from './find';

const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** "@Exämple.com " → "xn--exmple-cua.com"; null if it is not a domain. */
export function readDomain(typed: string): string | null {
  const domain = domainToASCII(typed.trim().replace(/^@/, '').toLowerCase());
  return DOMAIN.test(domain) ? domain : null;
}

/** A domain does not include its subdomains, which may belong to somebody else. */
export function mayInviteTo({ invitationDomains }: Pick<Tenant, 'invitationDomains'>, email: string): boolean {
  if (invitationDomains.length === 0) return true;
  const domain = readDomain(email.slice(email.lastIndexOf('@') + 1));
  return domain !== null && invitationDomains.includes(domain);
}
