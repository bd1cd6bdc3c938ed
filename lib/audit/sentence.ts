import type { AuditEntry } from '@/db/schema/audit';
import { ROLE_NAMES } from '@/lib/actor';
import { counted } from '@/lib/counted';
import type { AccessEnded, AuditAction, AuditCatalogue } from './catalogue';

export const endedWords = (d: AccessEnded): string =>
  [
    `${counted(d.sessionsEnded, 'session')} ended`,
    d.invitationsRevoked > 0 && `${counted(d.invitationsRevoked, 'invitation')} revoked`,
    d.resetsRevoked > 0 && `${counted(d.resetsRevoked, 'password reset')} revoked`,
  ]
    .filter(Boolean)
    .join(', ');

const PROFILE_WORDS = { firstName: 'first name', lastName: 'last name', email: 'e-mail' };

type Sentences = { [A in AuditAction]: (who: string, whom: string, details: AuditCatalogue[A]) => string };

const SENTENCES: Sentences = {
  'tenant.created': (who, _, d) => `${who} created the tenant ${d.name}`,
  'user.created': (who, whom, d) => `${who} created ${whom} as ${ROLE_NAMES[d.role]}`,
  'user.invited': (who, whom, d) => `${who} invited ${whom} as ${ROLE_NAMES[d.role]}`,
  'invitation.resent': (who, whom, d) => `${who} queued a new invitation for ${whom} as ${ROLE_NAMES[d.role]}`,
  'invitation.revoked': (who, whom) => `${who} revoked the invitation of ${whom}`,
  'invitation.link-shown': (who, whom) => `${who} looked at the invitation link of ${whom}`,
  'invitation.accepted': (who) => `${who} accepted the invitation`,
  'user.role-changed': (who, whom, d) =>
    `${who} changed the role of ${whom} from ${ROLE_NAMES[d.before]} to ${ROLE_NAMES[d.after]}`,
  'user.deactivated': (who, whom, d) => `${who} deactivated ${whom}: ${endedWords(d)}`,
  'user.reactivated': (who, whom) => `${who} reactivated ${whom}`,
  'user.removed': (who, whom, d) => `${who} removed ${whom}: ${endedWords(d)}`,
  'user.restored': (who, whom) => `${who} restored ${whom}`,
  'user.erased': (who, whom) => `${who} erased ${whom}, 30 days after the removal`,
  'user.profile-changed': (who, whom, d) =>
    `${who} changed the ${Object.keys(d.after)
      .map((field) => PROFILE_WORDS[field as keyof typeof PROFILE_WORDS])
      .join(', ')} of ${whom}`,
  'user.signed-in': (who, _, d) => `${who} signed in by ${d.method === 'saml' ? 'SAML' : 'password'}`,
  'user.sign-in-refused': (_, whom, d) =>
    `A sign-in as ${whom} was refused: ${
      { 'wrong-password': 'wrong password', 'not-active': 'the account is not active', limited: 'too many tries' }[
        d.reason
      ]
    }`,
  'user.signed-out': (who) => `${who} signed out`,
  'user.sessions-ended': (who, whom, d) => `${who} signed ${whom} out: ${counted(d.sessionsEnded, 'session')} ended`,
  'session.ended': (who, whom, d) => `${who} ended a session of ${whom} (${d.device})`,
  'password.reset-sent': (who, whom) => `${who} queued a mail for ${whom} to set a new password`,
  'password.reset': (who, _, d) => `${who} reset the password: ${counted(d.sessionsEnded, 'session')} ended`,
  'password.changed': (who, _, d) => `${who} changed the password: ${counted(d.sessionsEnded, 'other session')} ended`,
  'users.exported': (who) => `${who} exported the list of users`,
  'users.seeded': (who, _, d) => `${who} made ${counted(d.users, 'example user')}`,
};

const DOORS = { user: '', scim: ' (SCIM)', api_key: ' (API key)', cli: ' (command line)', system: '' };

/** One sentence a person can read. `whom` is "themself" where actor and target are the same. */
export function sentence(
  entry: Pick<AuditEntry, 'action' | 'actorKind' | 'actorId' | 'actorLabel' | 'targetId' | 'targetLabel' | 'details'>,
): string {
  const who = `${entry.actorLabel}${DOORS[entry.actorKind]}`;
  const whom = entry.actorId !== null && entry.actorId === entry.targetId ? 'themself' : (entry.targetLabel ?? '');
  const say = SENTENCES[entry.action as AuditAction] as Sentences['user.created'] | undefined;
  return say ? say(who, whom, entry.details as AuditCatalogue['user.created']) : `${who}: ${entry.action}`;
}
