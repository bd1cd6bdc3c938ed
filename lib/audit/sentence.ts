import type { AuditEntry } from '@/db/schema/audit';
import type { JobDeed, JobStop } from '@/db/schema/jobs';
import { type Actor, ROLE_NAMES } from '@/lib/actor';
import { counted } from '@/lib/counted';
import type { AccessEnded, AuditAction, AuditCatalogue, SecuritySettings } from './catalogue';

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

const sessionsAndKeys = (d: { sessionsEnded: number; keysRevoked?: number }): string =>
  [
    `${counted(d.sessionsEnded, 'session')} ended`,
    ...(d.keysRevoked ? [`${counted(d.keysRevoked, 'API key')} revoked`] : []),
  ].join(', ');

export const endedWords = (d: AccessEnded): string =>
  [
    sessionsAndKeys(d),
    d.invitationsRevoked > 0 && `${counted(d.invitationsRevoked, 'invitation')} revoked`,
    d.resetsRevoked > 0 && `${counted(d.resetsRevoked, 'password reset')} revoked`,
  ]
    .filter(Boolean)
    .join(', ');

const PROFILE_WORDS = { firstName: 'first name', lastName: 'last name', email: 'e-mail' };

const METHOD_WORDS = { password: 'password', saml: 'SAML', passkey: 'passkey' };
const FACTOR_WORDS = {
  totp: 'a code of the authenticator app',
  recovery_code: 'a recovery code',
  passkey: 'a passkey',
};
const REFUSAL_WORDS = {
  'wrong-password': 'wrong password',
  'not-active': 'the account is not active',
  limited: 'too many tries',
  'reset-required': 'the password was reported stolen',
  'wrong-code': 'wrong code',
  'wrong-passkey': 'the passkey was not accepted',
  'codes-limited': 'too many wrong codes',
  'saml-required': 'the organisation requires SAML',
};
const SETTING_WORDS: Record<keyof SecuritySettings, (value: never) => string> = {
  mfaRequired: (required: boolean) => (required ? 'a second factor is required' : 'no second factor is required'),
  sessionIdleHours: (hours: number) => `sessions end after ${counted(hours, 'hour')} without use`,
  sessionAbsoluteHours: (hours: number) => `sessions end after ${counted(hours, 'hour')}`,
  invitationHours: (hours: number) => `invitations are valid for ${counted(hours, 'hour')}`,
  invitationDomains: (domains: string[]) =>
    domains.length > 0 ? `invitations go to ${domains.join(', ')} only` : 'invitations go to any domain',
};
/** "Sessions end after 12 hours": for an audit entry, and for the page before the change. */
export const settingWords = (changed: Partial<SecuritySettings>) =>
  Object.entries(changed)
    .map(([name, value]) => SETTING_WORDS[name as keyof SecuritySettings](value as never))
    .join('; ');

const OPTION_WORDS: Record<string, string> = {
  strict: 'Strict',
  jit: 'just-in-time provisioning',
  idpInitiated: 'sign-in that begins at the provider',
  signRequests: 'signed requests',
  emailAttribute: 'e-mail attribute',
  firstNameAttribute: 'first name attribute',
  lastNameAttribute: 'last name attribute',
};

/** "invite 10,000 people" */
const JOB_WORDS: Record<JobDeed, (people: string) => string> = {
  invite: (people) => `invite ${people}`,
  'make-admin': (people) => `make ${people} Tenant Admin`,
  'make-standard': (people) => `make ${people} Standard User`,
  deactivate: (people) => `deactivate ${people}`,
  reactivate: (people) => `reactivate ${people}`,
  'sign-out': (people) => `sign ${people} out`,
  'ask-second-factor': (people) => `ask ${people} to set up a second factor`,
  'resend-invitation': (people) => `invite ${people} again`,
  remove: (people) => `remove ${people}`,
  restore: (people) => `restore ${people}`,
};
export const jobWords = ({ deed, people }: AuditCatalogue['job.begun']): string =>
  JOB_WORDS[deed](people === 1 ? '1 person' : `${people.toLocaleString('en')} people`);
const progressWords = ({ done, refused }: AuditCatalogue['job.ended']): string =>
  `${done.toLocaleString('en')} done, ${refused.toLocaleString('en')} refused`;
const STOP_WORDS: Record<JobStop, string> = {
  asked: '',
  actor: ', since who began it may not go on',
  fault: ', since something went wrong',
};

type Sentences = { [A in AuditAction]: (who: string, whom: string, details: AuditCatalogue[A]) => string };

const SENTENCES: Sentences = {
  'tenant.created': (who, _, d) => `${who} created the tenant ${d.name}`,
  'user.created': (who, whom, d) => `${who} created ${whom} as ${ROLE_NAMES[d.role]}`,
  'user.invited': (who, whom, d) => `${who} invited ${whom} as ${ROLE_NAMES[d.role]}`,
  'invitation.resent': (who, whom, d) => `${who} queued a new invitation for ${whom} as ${ROLE_NAMES[d.role]}`,
  'invitation.revoked': (who, whom) => `${who} revoked the invitation of ${whom}`,
  'invitation.link-shown': (who, whom) => `${who} looked at the invitation link of ${whom}`,
  'invitation.accepted': (who) => `${who} accepted the invitation`,
  'user.role-changed': (who, whom, d) => `${who} made ${whom} a ${ROLE_NAMES[d.after]}`,
  'user.role-mapped': (who, whom, d) =>
    d.group
      ? `${who} made ${whom} a ${ROLE_NAMES[d.after]} by the group “${d.group.name}”${d.before === d.after ? ', which keeps the role from now on' : ''}`
      : `${who} made ${whom} a ${ROLE_NAMES[d.after]}: they are in no group any more that gives a role`,
  'user.adopted': (who, whom, d) =>
    `${who} took over ${whom}, who was here already (${d.status}), as “${d.userName}”: name and address are managed there now`,
  'user.scim-changed': (who, whom, d) =>
    `${who} changed what is kept of ${whom}: ${('fields' in d ? d.fields : Object.keys(d.after)).join(', ')}`,
  'user.deactivated': (who, whom, d) => `${who} deactivated ${whom}: ${endedWords(d)}`,
  'user.reactivated': (who, whom) => `${who} reactivated ${whom}`,
  'user.removed': (who, whom, d) => `${who} removed ${whom}: ${endedWords(d)}`,
  'user.let-go': (who, whom, d) =>
    `${who} ${d.deleted ? 'deleted' : 'deactivated'} ${whom} too, who is ${d.status ?? 'removed'} here`,
  'user.restored': (who, whom) => `${who} restored ${whom}`,
  'user.erased': (who, whom) => `${who} erased ${whom}, 30 days after the removal`,
  'user.profile-changed': (who, whom, d) =>
    `${who} changed the ${Object.entries(PROFILE_WORDS)
      .flatMap(([field, words]) => (field in d.after ? words : []))
      .join(', ')} of ${whom}`,
  'user.signed-in': (who, _, d) =>
    `${who} signed in by ${METHOD_WORDS[d.method]}${d.secondFactor ? ` and ${FACTOR_WORDS[d.secondFactor]}` : ''}`,
  'user.sign-in-refused': (who, whom, d) =>
    whom === THEMSELF
      ? `${who} was to prove again who they are, and was refused: ${REFUSAL_WORDS[d.reason]}`
      : `A sign-in as ${whom} was refused: ${REFUSAL_WORDS[d.reason]}`,
  'user.signed-out': (who) => `${who} signed out`,
  'user.sessions-ended': (who, whom, d) => `${who} signed ${whom} out: ${counted(d.sessionsEnded, 'session')} ended`,
  'session.ended': (who, whom, d) => `${who} ended a session of ${whom} (${d.device})`,
  'password.reset-sent': (who, whom) => `${who} queued a mail for ${whom} to set a new password`,
  'password.reset': (who, _, d) => `${who} reset the password: ${sessionsAndKeys(d)}`,
  'password.changed': (who, _, d) => `${who} changed the password: ${counted(d.sessionsEnded, 'other session')} ended`,
  'account.reported-stolen': (who, _, d) =>
    `${who} reported the account as used by somebody else: ${sessionsAndKeys(d)}, the password opens nothing any more`,
  'second-factor.added': (who, _, d) => `${who} added a second factor: ${lowerFirst(d.factor)}`,
  'second-factor.removed': (who, _, d) =>
    `${who} removed a second factor: ${lowerFirst(d.factor)}; ${counted(d.sessionsEnded, 'other session')} ended`,
  'second-factor.renamed': (who, _, d) => `${who} renamed the passkey “${d.before}” to “${d.after}”`,
  'second-factor.reset': (who, whom, d) =>
    `${who} reset the second factor of ${whom}: ${d.factors.map(lowerFirst).join(', ')} removed, ${counted(d.sessionsEnded, 'session')} ended`,
  'second-factor.asked': (who, whom) => `${who} asked ${whom} to set up a second factor`,
  'recovery-codes.made': (who) => `${who} made new recovery codes`,
  'tenant.security-changed': (who, _, d) =>
    `${who} changed the security settings: ${settingWords(d.after)}${d.sessionsEnded > 0 ? `; ${counted(d.sessionsEnded, 'session')} ended` : ''}`,
  'scim.token-created': (who, _, d) =>
    `${who} made the SCIM token “${d.name}”${d.expiresAt ? `, valid until ${d.expiresAt.slice(0, 10)}` : ''}`,
  'scim.token-revoked': (who, _, d) => `${who} revoked the SCIM token “${d.name}”`,
  'scim.paused': (who) => `${who} paused provisioning by SCIM`,
  'scim.resumed': (who) => `${who} resumed provisioning by SCIM`,
  'scim.group-created': (who, _, d) =>
    `${who} created the group “${d.group.name}” with ${counted(d.members, 'member')}`,
  'scim.group-changed': (who, _, d) =>
    `${who} changed the group “${d.group.name}”: ${[
      d.before !== undefined && `it was called “${d.before}”`,
      d.externalId && `its external id is ${d.externalId.after ?? 'none'} now`,
      `${counted(d.added, 'member')} added`,
      `${counted(d.removed, 'member')} removed`,
    ]
      .filter(Boolean)
      .join(', ')}`,
  'scim.group-deleted': (who, _, d) => `${who} deleted the group “${d.group.name}”`,
  'scim.group-mapped': (who, _, d) =>
    d.role
      ? `${who} gave the members of the group “${d.group.name}” the role ${ROLE_NAMES[d.role]}: ${counted(d.granted, 'person', 'people')} gained it`
      : `${who} took the role from the group “${d.group.name}”: ${counted(d.taken, 'person', 'people')} lost it`,
  'api-key.created': (who, _, d) => `${who} made the API key “${d.name}”`,
  'api-key.revoked': (who, whom, d) =>
    whom === 'themself'
      ? `${who} revoked their API key “${d.name}”`
      : `${who} revoked the API key “${d.name}” of ${whom}`,
  'audit.exported': (who, _, d) => `${who} exported the audit log as ${d.format === 'csv' ? 'CSV' : 'JSON Lines'}`,
  'saml.metadata-set': (who, _, d) =>
    d.before === null
      ? `${who} set up the identity provider ${d.after}`
      : `${who} took new metadata of the identity provider ${d.after}${d.before === d.after ? '' : `, in place of ${d.before}`}${d.sessionsEnded === undefined ? '' : `: ${counted(d.sessionsEnded, 'session')} ended`}`,
  'saml.options-changed': (who, _, d) =>
    `${who} changed the SAML options: ${Object.entries(d.after)
      .map(
        ([name, value]) =>
          `${OPTION_WORDS[name] ?? name} ${typeof value === 'boolean' ? (value ? 'on' : 'off') : (value ?? 'as usual')}`,
      )
      .join(', ')}`,
  'saml.domains-changed': (who, _, d) => `${who} set the domains that sign in by SAML: ${d.after.join(', ') || 'none'}`,
  'saml.domain-verified': (who, _, d) => `${who} verified the domain ${d.domain}`,
  'saml.domain-lost': (who, _, d) => `${who} gave the domain ${d.domain} to the organisation it belongs to`,
  'saml.mapping-changed': (who, _, d) =>
    d.after === null
      ? `${who} ended the mapping of groups to roles`
      : `${who} mapped groups to Tenant Admin: ${d.after.adminGroups.join(', ') || 'none'}`,
  'saml.enabled': (who) => `${who} enabled sign-in by SAML`,
  'saml.tested': (who, _, d) => `${who} proved by a test that sign-in by ${d.idpEntityId} works, as ${d.subject}`,
  'saml.disabled': (who, _, d) => `${who} disabled sign-in by SAML: ${counted(d.sessionsEnded, 'session')} ended`,
  'saml.required': (who, _, d) =>
    `${who} required SAML, with ${d.breakGlass.length > 0 ? `the break-glass admins ${d.breakGlass.join(', ')}` : 'no break-glass admin'}: ${counted(d.sessionsEnded, 'session')} ended`,
  'saml.not-required': (who) => `${who} let passwords open accounts again`,
  'saml.deleted': (who, _, d) =>
    `${who} deleted the SAML connection to ${d.idpEntityId}: ${counted(d.sessionsEnded, 'session')} ended`,
  'saml.linked': (who, whom, d) => `${who} connected ${whom} with ${d.nameId} of ${d.idpEntityId}`,
  'saml.unlinked': (who, whom, d) =>
    `${who} disconnected ${whom} from ${d.nameIds.join(', ')}: ${counted(d.sessionsEnded, 'session')} ended`,
  'saml.sign-in-refused': (_, whom, d) =>
    `A sign-in by SAML as ${whom || d.subject} was refused: ${SAML_WORDS[d.reason] ?? d.reason}`,
  'saml.signed-out': (who, whom, d) => `${who} signed ${whom} out: ${counted(d.sessionsEnded, 'session')} ended`,
  'user.role-kept': (who, whom, d) =>
    `${who} wanted ${whom} to be ${ROLE_NAMES[d.wanted]}; the last Tenant Admin who can sign in stays one`,
  'user.role-managed': (who, whom, d) =>
    `${who} has the say from now on in the role of ${whom}, who stays ${ROLE_NAMES[d.role]}`,
  'user.confirmed': (who, _, d) => `${who} proved again who they are, by ${METHOD_WORDS[d.method]}`,
  'job.begun': (who, _, d) => `${who} began to ${jobWords(d)}`,
  'job.resumed': (who, _, d) => `${who} went on to ${jobWords(d)}: ${progressWords(d)} so far`,
  'job.ended': (who, _, d) => `${who} came to the end of the job to ${jobWords(d)}: ${progressWords(d)}`,
  'job.stopped': (who, _, d) =>
    `${who} stopped the job to ${jobWords(d)}${STOP_WORDS[d.reason]}: ${progressWords(d)} until then`,
  'job.exported': (who, _, d) => `${who} exported the result of the job to ${jobWords(d)}`,
  'users.exported': (who) => `${who} exported the list of users`,
  'users.seeded': (who, _, d) => `${who} made ${counted(d.users, 'example user')}`,
};

/** Why a valid response of the provider signs nobody in. Errors of other responses are in the flight recorder. */
const SAML_WORDS: Record<string, string> = {
  'no-account': 'no account',
  deactivated: 'deactivated',
  removed: 'removed',
  deprovisioned: 'deleted by the identity provider',
  'invitation-over': 'the invitation is over',
  'linked-otherwise': 'the account is another identity’s',
  'admin-unconfirmed': 'a Tenant Admin’s password was not proven',
  'not-enabled': 'sign-in by SAML is not on any more',
};

/** Every action, for the filter of the log. */
export const AUDIT_ACTIONS = Object.keys(SENTENCES) as AuditAction[];

/** The interface through which a command came. */
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

/** The displayed name of an entry's actor: a person's name, or a machine's with its interface. */
export function actorOfEntry({ actorKind, actorLabel, actorName, keyName }: Told): string {
  const who = actorName ?? actorLabel;
  if (actorKind === 'api_key') return `${who} (API key “${keyName}”)`;
  if (actorKind === 'scim') return `${who} (SCIM)`;
  return actorKind === 'cli' ? `${who} (command line)` : who;
}

const THEMSELF = 'themself';

/** One sentence for a human reader. `whom` is "themself" if actor and target are the same. */
export function sentence(entry: Told): string {
  const { action, actorId, targetId, targetName, targetLabel, details } = entry;
  const whom = actorId !== null && actorId === targetId ? THEMSELF : (targetName ?? targetLabel ?? '');
  const say = SENTENCES[action as AuditAction] as Sentences['user.created'] | undefined;
  const who = actorOfEntry(entry);
  return say ? say(who, whom, details as AuditCatalogue['user.created']) : `${who}: ${action}`;
}
