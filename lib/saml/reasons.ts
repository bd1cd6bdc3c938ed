import type { XmlProblem } from './read-xml';

/**
 * Why a provider's message was refused, as the flight recorder shows it to the admin: what was wrong and what to change at
 * the provider. The person signing in is shown less; see `personWords`.
 */
type Facts = Record<string, string>;
type Words = (facts: Facts) => string;

const clock = 'Set the provider’s clock by a time server.';

const XML: Record<XmlProblem, Words> = {
  'not-text': () => 'The message is not text in UTF-8.',
  'too-large': () => 'The message is larger than 256 kB. Send fewer groups: only those that are mapped here.',
  'too-many-tags': () =>
    'The message has more than 2,000 elements. Send fewer groups: only those that are mapped here.',
  doctype: () => 'The message has a document type, which SAML does not allow.',
  comment: () => 'The message has comments, CDATA or processing instructions, by which values can be cut short.',
  entity: () => 'The message has entities that are not XML’s own.',
  'control-character': () => 'The message has characters that XML does not allow.',
  malformed: () => 'The message is not well-formed XML.',
};

export const REASONS = {
  ...XML,
  'not-base64': () => 'The form’s field SAMLResponse is missing, or is not base64.',
  'not-a-response': () => 'The message is no SAML 2.0 response.',
  'several-assertions': () =>
    'The message has more than one assertion, or one that is not where it belongs. Send exactly one.',
  'no-assertion': () => 'The message has no assertion.',
  'signature-shape': () => 'A signature in the message is not one over the whole response or assertion that holds it.',
  'weak-algorithm': ({ algorithm }) =>
    `The message is signed or digested by ${algorithm}. Switch the provider to RSA-SHA256.`,
  'weak-encryption': ({ algorithm }) =>
    `The assertion is encrypted by ${algorithm}. Switch the provider to AES with RSA-OAEP and SHA-1 (rsa-oaep-mgf1p).`,
  unsigned: () =>
    'The response is not signed. Sign the response at the provider: “sign response”, or “response and assertion”.',
  'assertion-unsigned': () =>
    'The assertion is not signed, which the Strict option asks for. Sign “response and assertion” at the provider, or switch Strict off.',
  'other-key': () =>
    'The message is signed, but by no key of the metadata. If the provider has a new certificate, upload its metadata again.',
  altered: () => 'The signature does not fit what it signs: the message was changed on its way.',
  'not-decryptable': () =>
    'The assertion is encrypted for another key, or its key in another way than RSA-OAEP with SHA-1 (rsa-oaep-mgf1p). Give the provider our current metadata, and look at its encryption settings.',
  status: ({ status, text }) =>
    `The provider itself refused: ${status}${text ? ` (“${text}”)` : ''}. Its own log says why; often the person is not assigned to the application.`,
  version: () => 'The message is not of SAML version 2.0.',
  issuer: ({ issuer, expected }) =>
    `The message is from “${issuer}”, and the metadata is of “${expected}”. Upload the metadata of the provider that sends.`,
  destination: ({ destination, expected }) =>
    `The message was meant for ${destination}. Set the ACS URL at the provider to ${expected}.`,
  recipient: ({ recipient, expected }) =>
    `The assertion was meant for ${recipient}. Set the recipient at the provider to ${expected}.`,
  audience: ({ audience, expected }) =>
    `The assertion is for the audience ${audience}. Set the audience (entity id) at the provider to ${expected}.`,
  'unasked-for': () =>
    'Nobody here had asked for this sign-in (it began at the provider). Switch “Sign-in that begins at the provider” on, or let people begin here.',
  'unknown-request': () => 'The message answers a question that this connection has not asked.',
  'request-old': () => 'The answer came more than ten minutes after the question.',
  'request-answered': () => 'The question was answered already.',
  confirmation: () =>
    'The assertion has no bearer confirmation for us (SubjectConfirmation of method “bearer”, with Recipient and NotOnOrAfter).',
  'no-name-id': () => 'The assertion has no NameID. Send the e-mail address as NameID.',
  'transient-name-id': () =>
    'The NameID is transient: the person has another one at each sign-in, so nobody would be known again. Send the e-mail address, or a persistent NameID.',
  'no-authn-statement': () => 'The assertion does not say how the person signed in (AuthnStatement).',
  'no-conditions': () => 'The assertion has no conditions of time and audience.',
  'unknown-condition': ({ condition }) => `The assertion has a condition that is not understood here: ${condition}.`,
  expired: ({ what, at }) => `The assertion is over (${what} ${at}). ${clock}`,
  'not-yet-valid': ({ what, at }) => `The assertion is not valid yet (${what} ${at}). ${clock}`,
  'too-long-valid': ({ until }) =>
    `The assertion is valid until ${until}, which is too long. Set its lifetime to two hours or less; five minutes are enough.`,
  'session-over': ({ at }) => `The provider’s session is over already (SessionNotOnOrAfter ${at}). ${clock}`,
  'not-fresh': () =>
    'The person was asked to sign in anew (ForceAuthn), and the provider answered from an older sign-in. Some never ask anew, such as Google: then people sign out there first.',
  replayed: () => 'This assertion was used already. Each is good for one sign-in.',
  'attribute-missing': ({ field, sent, likely }) =>
    likely
      ? `There is no ${field} under a name that is known. Your provider sends “${likely}”: enter that name in the options, or rename it there.`
      : `There is no ${field}. ${sent ? `Your provider sends ${sent}.` : 'Your provider sends no attributes.'} Add it there.`,
  'bad-email': ({ value }) => `“${value}” is no e-mail address. Map the e-mail attribute to the person’s address.`,
  'other-browser': () => 'The answer was brought to another browser than the one that had asked.',
  'arrival-old': () => 'The person did not come back within ten minutes.',
  library: () => 'The message was refused by the SAML library.',
  'not-enabled': () => 'Sign-in by SAML is not enabled.',
  deactivated: () => 'The person is deactivated here.',
  removed: () => 'The person was removed here. An admin can restore them.',
  deprovisioned: () =>
    'SCIM has deleted this person. They come back when the identity provider creates them again, or an admin invites them.',
  'no-account': () => 'Nobody here has this address. Invite them, or switch just-in-time provisioning on.',
  'invitation-over': () =>
    'Their invitation has run out or was revoked. Invite them again, or switch just-in-time provisioning on.',
  'linked-otherwise': () =>
    'The account with this address belongs to another NameID of this provider. If the person got a new one, disconnect the old one on the person’s page.',
  'admin-unconfirmed': () =>
    'The account is of a Tenant Admin with a password. They sign in by it first, and then by SSO in the same browser; or the operator verifies the domain.',
  'sign-out-unsigned': () => 'The sign-out is not signed by a key of the metadata.',
  'sign-out-shape': () => 'The message is no SAML 2.0 sign-out with a NameID.',
} as const satisfies Record<string, Words>;

export type Reason = keyof typeof REASONS;
export type Problem = { reason: Reason; facts?: Facts };

export const reasonWords = ({ reason, facts = {} }: Problem): string => (REASONS[reason] as Words)(facts);

/** What the person signing in may see: only what concerns them. The admin reads the rest in the recorder. */
const PERSON: Partial<Record<Reason, string>> = {
  deactivated: 'Your account is deactivated.',
  removed: 'Your account was removed.',
  deprovisioned: 'Your organisation has ended your account.',
  'no-account': 'You have no account here.',
  'invitation-over': 'Your invitation has run out. Ask for a new one.',
  'unasked-for': 'Start from the sign-in page here, not from your identity provider.',
  'request-old': 'That took too long. Sign in again.',
  'request-answered': 'This sign-in was finished already. Sign in again.',
  replayed: 'This sign-in was finished already. Sign in again.',
  'arrival-old': 'That took too long. Sign in again.',
  'other-browser': 'This sign-in was begun in another browser. Sign in again here.',
  'admin-unconfirmed':
    'Your account is a Tenant Admin’s and has a password. Sign in by the password first, then once by SSO in the same browser: that connects the two.',
  status: 'Your identity provider did not let you in.',
  'linked-otherwise':
    'Your identity provider knows you by another name than before. Ask an admin here to choose “Disconnect SSO” on your page, then sign in again.',
  'not-fresh':
    'Your identity provider answered from an earlier sign-in. Sign out there, sign in there again, and then try once more here.',
};

export const personWords = (reason: Reason): string =>
  PERSON[reason] ??
  'The answer of your identity provider was not accepted. An admin finds the reason on the SAML Setup page.';
