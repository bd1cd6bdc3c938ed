import { db } from '@/db/client';
import { findCandidate, type Judgement, judge } from './candidate';
import type { Claims } from './check-response';
import type { Connection } from './connection';
import { readMapping, roleOf } from './groups';
import type { Reason } from './reasons';

/** What a sign-in with these claims would do, in sentences. */
export async function foresee(connection: Connection, claims: Claims, now: Date): Promise<string[]> {
  const candidate = await findCandidate(db, connection, claims, now);
  const judgement = judge(candidate, { jit: connection.jit, confirmedUserId: null });
  const mapping = await readMapping(connection.tenantId);
  const role = mapping && claims.groups ? roleOf(claims.groups, mapping) : null;
  const said = { tenant_admin: 'Tenant Admin', standard_user: 'Standard User' };
  return [
    judgementWords(judgement, claims),
    ...(role ? [`Their groups make them ${said[role]}.`] : []),
    ...(claims.tooManyGroups ? ['They are in more groups than the provider sends, so their role stays as it is.'] : []),
  ];
}

function judgementWords(judgement: Judgement, { email }: Claims): string {
  if ('refuse' in judgement) return REFUSED_WORDS[judgement.refuse.reason] ?? 'They would be refused.';
  if (judgement.do === 'create') return `A new Standard User ${email} would be made.`;
  if (judgement.do === 'accept') return `${judgement.user.email} would accept their invitation by it.`;
  if (judgement.do === 'link') return `${judgement.user.email} would be connected with this identity, and signed in.`;
  return `${judgement.user.email} would be signed in.`;
}

const REFUSED_WORDS: Partial<Record<Reason, string>> = {
  'no-account': 'They would be refused: nobody here has this address, and just-in-time provisioning is off.',
  deactivated: 'They would be refused: the person is deactivated.',
  removed: 'They would be refused: the person was removed.',
  'invitation-over': 'They would be refused: the invitation has run out or was revoked.',
  'linked-otherwise': 'They would be refused: the account belongs to another NameID of this provider.',
  'admin-unconfirmed':
    'They would be asked to sign in by the password first, once: the account is of a Tenant Admin, and the domain is not verified.',
};
