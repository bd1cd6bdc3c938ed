import { ROLE_NAMES, type Role } from '@/lib/actor';
import { counted } from '@/lib/counted';
import { exactly, type Message, message } from './layout';

/** Events on a person's account that we mail to them, so that they notice what they did not do themself. */
export type SecurityEvent =
  | { kind: 'new-sign-in'; method: 'password' | 'saml' | 'passkey'; from: string }
  | { kind: 'password-changed'; from: string; keysRevoked?: number }
  | { kind: 'factor-added' | 'factor-removed'; factor: string; from: string }
  | { kind: 'recovery-codes-made'; from: string }
  | { kind: 'recovery-code-used'; left: number; from: string }
  | { kind: 'codes-limited'; from: string }
  | { kind: 'api-key-made'; name: string; from: string }
  | { kind: 'sso-connected'; nameId: string; from: string }
  | { kind: 'factors-reset'; by: string }
  | { kind: 'role-changed'; by: string; role: Role }
  | { kind: 'access-removed'; by: string };

export type SecurityEventKind = SecurityEvent['kind'];
type About = { tenantName: string; address: string; at: Date; profileUrl: string };
type Words = { subject: string; text: string /** What to do if it was not the person. */; otherwise: string };

const METHODS = { password: 'password', saml: 'the identity provider', passkey: 'a passkey' };
const OWN =
  'If this was not you, open your profile and choose “This was not me”, or ask an admin of your organisation.';
const ASK = 'If you did not expect this, ask an admin of your organisation.';

type Table = { [K in SecurityEventKind]: (event: Extract<SecurityEvent, { kind: K }>, about: About) => Words };

const WORDS: Table = {
  'new-sign-in': ({ method, from }, { tenantName, address }) => ({
    subject: `New sign-in to ${tenantName}`,
    text: `Somebody signed in as ${address} by ${METHODS[method]} from a browser that was not used for it before: ${from}.`,
    otherwise: OWN,
  }),
  'password-changed': ({ from, keysRevoked = 0 }, { tenantName, address }) => ({
    subject: `Your password for ${tenantName} was changed`,
    text: `The password of ${address} was changed, from ${from}. Every other session was ended.${keysRevoked > 0 ? ` ${counted(keysRevoked, 'API key was', 'API keys were')} revoked.` : ''}`,
    otherwise: OWN,
  }),
  'factor-added': ({ factor, from }, { tenantName, address }) => ({
    subject: `A second factor was added for ${tenantName}`,
    text: `${factor} was added to ${address}, from ${from}.`,
    otherwise: OWN,
  }),
  'factor-removed': ({ factor, from }, { tenantName, address }) => ({
    subject: `A second factor was removed for ${tenantName}`,
    text: `${factor} was removed from ${address}, from ${from}. Every other session was ended.`,
    otherwise: OWN,
  }),
  'recovery-codes-made': ({ from }, { tenantName, address }) => ({
    subject: `New recovery codes for ${tenantName}`,
    text: `New recovery codes were made for ${address}, from ${from}. The old ones work no more.`,
    otherwise: OWN,
  }),
  'recovery-code-used': ({ left, from }, { tenantName, address }) => ({
    subject: `A recovery code was used for ${tenantName}`,
    text: `Somebody signed in as ${address} with a recovery code, from ${from}. ${left} of them ${left === 1 ? 'is' : 'are'} left.`,
    otherwise: OWN,
  }),
  'codes-limited': ({ from }, { tenantName, address }) => ({
    subject: `Somebody knows your password for ${tenantName}`,
    text: `Somebody entered the password of ${address} and then too many wrong codes, from ${from}. They did not get in.`,
    otherwise: 'If this was not you, change your password now.',
  }),
  'api-key-made': ({ name, from }, { tenantName, address }) => ({
    subject: `An API key was made for ${tenantName}`,
    text: `The API key “${name}” was made by ${address}, from ${from}. Whoever has it may do at ${tenantName} what you may.`,
    otherwise: OWN,
  }),
  'sso-connected': ({ nameId, from }, { tenantName, address }) => ({
    subject: `Your account at ${tenantName} was connected with its identity provider`,
    text: `Whoever signs in as ${nameId} at the identity provider is signed in as ${address} from now on. It happened from ${from}.`,
    otherwise: OWN,
  }),
  'factors-reset': ({ by }, { tenantName, address }) => ({
    subject: `Your second factor for ${tenantName} was reset`,
    text: `${by} removed every second factor of ${address} and ended all sessions. You can set up a new one when you sign in.`,
    otherwise: ASK,
  }),
  'role-changed': ({ by, role }, { tenantName }) => ({
    subject: `Your role at ${tenantName} was changed`,
    text: `${by} made you ${ROLE_NAMES[role]} at ${tenantName}.`,
    otherwise: ASK,
  }),
  'access-removed': ({ by }, { tenantName, address }) => ({
    subject: `Your access to ${tenantName} has ended`,
    text: `${by} ended the access of ${address} to ${tenantName}. You are signed out everywhere.`,
    otherwise: ASK,
  }),
};

/** Messages without a link to the profile: they ask the reader to contact an admin, and without access there is no profile. */
const WITHOUT_LINK: SecurityEventKind[] = ['access-removed', 'role-changed', 'factors-reset'];

export function securityMessage(event: SecurityEvent, about: About): Message {
  const say = WORDS[event.kind] as (event: SecurityEvent, about: About) => Words;
  const { subject, text, otherwise } = say(event, about);
  return message({
    subject,
    title: subject,
    paragraphs: [text],
    ...(WITHOUT_LINK.includes(event.kind) ? {} : { link: { label: 'Open your profile', url: about.profileUrl } }),
    footnotes: [`${exactly(about.at)}.`, otherwise],
  });
}
