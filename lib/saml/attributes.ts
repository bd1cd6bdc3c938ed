import { attribute, children, NS, textOf } from './read-xml';

/**
 * The person's e-mail and names, as the provider sends them. Each provider names these three differently. The names of
 * Okta, Entra ID, Google, Ping, OneLogin, Keycloak and AD FS are understood, without letter case. A connection may set its
 * own names.
 */
export const FIELDS = ['email', 'firstName', 'lastName'] as const;
export type Field = (typeof FIELDS)[number];

const CLAIMS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
export const USUAL_NAMES: Record<Field, readonly string[]> = {
  email: [
    'email',
    'emailAddress',
    'e-mail',
    'mail',
    'user.email',
    'User.Email',
    `${CLAIMS}/emailaddress`,
    'urn:oid:0.9.2342.19200300.100.1.3',
    // Keycloak's X500 mapper.
    'urn:oid:1.2.840.113549.1.9.1',
  ],
  firstName: [
    'firstName',
    'first_name',
    'givenName',
    'given_name',
    'user.firstName',
    'User.FirstName',
    `${CLAIMS}/givenname`,
    'urn:oid:2.5.4.42',
  ],
  lastName: [
    'lastName',
    'last_name',
    'surname',
    'sn',
    'familyName',
    'family_name',
    'user.lastName',
    'User.LastName',
    `${CLAIMS}/surname`,
    'urn:oid:2.5.4.4',
  ],
};
export const FIELD_WORDS: Record<Field, string> = { email: 'e-mail', firstName: 'first name', lastName: 'last name' };

export type Attributes = Record<string, string[]>;
export type Names = {
  emailAttribute: string | null;
  firstNameAttribute: string | null;
  lastNameAttribute: string | null;
};

const OWN: Record<Field, keyof Names> = {
  email: 'emailAttribute',
  firstName: 'firstNameAttribute',
  lastName: 'lastNameAttribute',
};

/** Values by name, in the order in which they were sent. A name that is sent twice has all its values. */
export function readAttributes(assertion: Element): Attributes {
  const read = new Map<string, string[]>();
  for (const statement of children(assertion, NS.assertion, 'AttributeStatement'))
    for (const each of children(statement, NS.assertion, 'Attribute')) {
      const name = attribute(each, 'Name') ?? '';
      const values = children(each, NS.assertion, 'AttributeValue').map(textOf);
      read.set(name, [...(read.get(name) ?? []), ...values]);
    }
  return Object.fromEntries(read);
}

/** The sent attribute that holds a value for this field; null if there is none. */
export function nameOf(field: Field, sent: Attributes, names: Names): string | null {
  const own = names[OWN[field]];
  const wanted = (own ? [own] : USUAL_NAMES[field]).map((name) => name.toLowerCase());
  const found = wanted.flatMap((name) => Object.keys(sent).filter((each) => each.toLowerCase() === name));
  return found.find((name) => sent[name]?.some((value) => value !== '')) ?? null;
}

export function sentValue(field: Field, sent: Attributes, names: Names): string | null {
  const name = nameOf(field, sent, names);
  return name === null ? null : (sent[name]?.find((value) => value !== '') ?? null);
}

/** For "Your provider sends `Mail-Address`": the first sent name that looks like this field. */
export function likelyName(field: Field, sent: Attributes): string | null {
  const patterns: Record<Field, RegExp> = {
    email: /mail|upn|login|user/i,
    firstName: /first|given|fore/i,
    lastName: /last|sur|family|\bsn\b/i,
  };
  return Object.keys(sent).find((name) => patterns[field].test(name.split('/').at(-1) ?? name)) ?? null;
}

/** Null if the groups are unknown: none are asked for, or the person has more than the provider sends. */
export function groupsOf(sent: Attributes, groupAttribute: string | null): string[] | null {
  if (groupAttribute === null) return null;
  const name = Object.keys(sent).find((each) => each.toLowerCase() === groupAttribute.toLowerCase());
  if (name === undefined) return hasTooManyGroups(sent) ? null : [];
  return sent[name] ?? [];
}

/** For a person in more than 150 groups, Entra ID sends a link to them instead (“groups overage”). */
export const hasTooManyGroups = (sent: Attributes): boolean =>
  Object.keys(sent).some((name) => /\/claims\/groups\.link$/i.test(name));
