import type { AuditEntry } from '@/db/schema/audit';
import { type Actor, ROLE_NAMES } from '@/lib/actor';
import type { AccessEnded, AuditAction, AuditCatalogue } from './catalogue';

const count = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

const ended = (d: AccessEnded) =>
  [
    `${count(d.sessionsEnded, 'session')} ended`,
    d.keysRevoked > 0 && `${count(d.keysRevoked, 'API key')} revoked`,
    d.invitationsRevoked > 0 && `${count(d.invitationsRevoked, 'invitation')} revoked`,
    d.resetsRevoked > 0 && `${count(d.resetsRevoked, 'password reset')} revoked`,
  ]
    .filter(Boolean)
    .join(', ');

const PROFILE_WORDS = { firstName: 'first name', lastName: 'last name', email: 'e-mail' };

type Sentences = { [A in AuditAction]: (who: string, whom: string, details: AuditCatalogue[A]) => string };

const SENTENCES: Sentences = {
  'tenant.created': (who, _, d) => `${who} created the tenant ${d.name}`,
  'user.created': (who, whom, d) => `${who} created ${whom} as ${ROLE_NAMES[d.role]}`,
  'user.invited': (who, whom, d) => `${who} invited ${whom} as ${ROLE_NAMES[d.role]}`,
  'invitation.resent': (who, whom, d) => `${who} sent ${whom} a new invitation as ${ROLE_NAMES[d.role]}`,
  'invitation.revoked': (who, whom) => `${who} revoked the invitation of ${whom}`,
  'invitation.link-shown': (who, whom) => `${who} looked at the invitation link of ${whom}`,
  'invitation.accepted': (who) => `${who} accepted the invitation`,
  'user.role-changed': (who, whom, d) => `${who} made ${whom} a ${ROLE_NAMES[d.after]}`,
  'user.deactivated': (who, whom, d) => `${who} deactivated ${whom}: ${ended(d)}`,
  'user.reactivated': (who, whom) => `${who} reactivated ${whom}`,
  'user.removed': (who, whom, d) => `${who} removed ${whom}: ${ended(d)}`,
  'user.restored': (who, whom) => `${who} restored ${whom}`,
  'user.erased': (who, whom) => `${who} erased ${whom}, 30 days after the removal`,
  'user.profile-changed': (who, whom, d) =>
    `${who} changed the ${Object.entries(PROFILE_WORDS)
      .flatMap(([field, words]) => (field in d.after ? words : []))
      .join(', ')} of ${whom}`,
  'user.signed-in': (who, _, d) => `${who} signed in by ${d.method === 'saml' ? 'SAML' : 'password'}`,
  'user.sign-in-refused': (_, whom, d) =>
    `A sign-in as ${whom} was refused: ${
      { 'wrong-password': 'wrong password', 'not-active': 'the account is not active', limited: 'too many tries' }[
        d.reason
      ]
    }`,
  'user.signed-out': (who) => `${who} signed out`,
  'user.sessions-ended': (who, whom, d) => `${who} signed ${whom} out: ${count(d.sessionsEnded, 'session')} ended`,
  'session.ended': (who, whom, d) => `${who} ended a session of ${whom} (${d.device})`,
  'password.reset-sent': (who, whom) => `${who} sent ${whom} a password reset`,
  'password.reset': (who, _, d) => `${who} reset the password: ${count(d.sessionsEnded, 'session')} ended`,
  'password.changed': (who, _, d) => `${who} changed the password: ${count(d.sessionsEnded, 'other session')} ended`,
  'api-key.created': (who, _, d) => `${who} made the API key “${d.name}”`,
  'api-key.revoked': (who, whom, d) =>
    whom === 'themself'
      ? `${who} revoked their API key “${d.name}”`
      : `${who} revoked the API key “${d.name}” of ${whom}`,
  'users.exported': (who) => `${who} exported the list of users`,
  'audit.exported': (who, _, d) => `${who} exported the audit log as ${d.format === 'csv' ? 'CSV' : 'JSON Lines'}`,
  'users.seeded': (who, _, d) => `${who} made ${count(d.users, 'example user')}`,
};

/** Every action there is: the filter of the log is made of it. */
export const AUDIT_ACTIONS = Object.keys(SENTENCES) as AuditAction[];

/** Through which door a deed came. */
export const DOOR_NAMES: Record<Actor['kind'], string> = {
  user: 'Browser',
  api_key: 'API key',
  scim: 'SCIM',
  cli: 'Command line',
  system: 'System',
};

type Told = Pick<
  AuditEntry,
  'action' | 'actorKind' | 'actorId' | 'actorLabel' | 'targetId' | 'targetLabel' | 'details'
> &
  Partial<Pick<AuditEntry, 'actorName' | 'targetName' | 'keyName'>>;

/** How the actor of an entry is called: a person by name, a machine with its door. */
export function actorOfEntry({ actorKind, actorLabel, actorName, keyName }: Told): string {
  const who = actorName ?? actorLabel;
  if (actorKind === 'api_key') return `${who} (API key “${keyName}”)`;
  if (actorKind === 'scim') return `${who} (SCIM)`;
  return actorKind === 'cli' ? `${who} (command line)` : who;
}

/** One sentence a person can read. `whom` is "themself" where actor and target are the same. */
export function sentence(entry: Told): string {
  const { action, actorId, targetId, targetName, targetLabel, details } = entry;
  const whom = actorId !== null && actorId === targetId ? 'themself' : (targetName ?? targetLabel ?? '');
  const say = SENTENCES[action as AuditAction] as Sentences['user.created'] | undefined;
  const who = actorOfEntry(entry);
  return say ? say(who, whom, details as AuditCatalogue['user.created']) : `${who}: ${action}`;
}
