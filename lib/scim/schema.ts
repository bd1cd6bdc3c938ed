/**
 * The attributes of RFC 7643 as data. Bodies, filters and PATCH paths are read by these tables, and `/Schemas` is generated
 * from them, so the two always agree. Attributes that are not listed are not stored.
 */
export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

export type Attribute = {
  name: string;
  type: 'string' | 'boolean' | 'dateTime' | 'reference' | 'binary' | 'complex';
  multi: boolean;
  required: boolean;
  caseExact: boolean;
  mutability: 'readWrite' | 'readOnly' | 'writeOnly' | 'immutable';
  returned: 'default' | 'always' | 'never';
  uniqueness: 'none' | 'server';
  referenceTypes?: string[];
  canonicalValues?: string[];
  sub: Attribute[];
};

type Traits = Partial<Omit<Attribute, 'name' | 'sub'>>;

const attribute = (name: string, traits: Traits = {}, sub: Attribute[] = []): Attribute => ({
  name,
  type: sub.length > 0 ? 'complex' : 'string',
  multi: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...traits,
  sub,
});

const strings = (...names: string[]) => names.map((name) => attribute(name));
const READ_ONLY = { mutability: 'readOnly' } as const;

/** The usual shape of a multi-valued attribute (RFC 7643, 2.4). */
const values = (name: string, canonicalValues: string[] = [], value: Traits = {}) =>
  attribute(name, { multi: true }, [
    attribute('value', value),
    attribute('display'),
    attribute('type', canonicalValues.length > 0 ? { canonicalValues } : {}),
    attribute('primary', { type: 'boolean' }),
  ]);

const COMMON: Attribute[] = [
  attribute('id', { ...READ_ONLY, caseExact: true, returned: 'always', uniqueness: 'server' }),
  attribute('externalId', { caseExact: true }),
  attribute('meta', READ_ONLY, [
    attribute('resourceType', { ...READ_ONLY, caseExact: true }),
    attribute('created', { ...READ_ONLY, type: 'dateTime' }),
    attribute('lastModified', { ...READ_ONLY, type: 'dateTime' }),
    attribute('location', { ...READ_ONLY, type: 'reference', referenceTypes: ['uri'] }),
    attribute('version', { ...READ_ONLY, caseExact: true }),
  ]),
];

const USER_ATTRIBUTES: Attribute[] = [
  attribute('userName', { required: true, uniqueness: 'server' }),
  attribute('name', {}, [
    ...strings('formatted', 'familyName', 'givenName', 'middleName', 'honorificPrefix', 'honorificSuffix'),
  ]),
  ...strings('displayName', 'nickName'),
  attribute('profileUrl', { type: 'reference', referenceTypes: ['external'] }),
  ...strings('title', 'userType', 'preferredLanguage', 'locale', 'timezone'),
  attribute('active', { type: 'boolean' }),
  attribute('password', { mutability: 'writeOnly', returned: 'never', caseExact: true }),
  values('emails', ['work', 'home', 'other']),
  values('phoneNumbers', ['work', 'home', 'mobile', 'fax', 'pager', 'other']),
  values('ims', ['aim', 'gtalk', 'icq', 'xmpp', 'msn', 'skype', 'qq', 'yahoo']),
  values('photos', ['photo', 'thumbnail'], { type: 'reference', referenceTypes: ['external'] }),
  attribute('addresses', { multi: true }, [
    ...strings('formatted', 'streetAddress', 'locality', 'region', 'postalCode', 'country'),
    attribute('type', { canonicalValues: ['work', 'home', 'other'] }),
    attribute('primary', { type: 'boolean' }),
  ]),
  attribute('groups', { ...READ_ONLY, multi: true }, [
    attribute('value', { ...READ_ONLY, caseExact: true }),
    attribute('$ref', { ...READ_ONLY, type: 'reference', referenceTypes: ['Group'] }),
    attribute('display', READ_ONLY),
    attribute('type', { ...READ_ONLY, canonicalValues: ['direct'] }),
  ]),
  values('entitlements'),
  values('roles'),
  values('x509Certificates', [], { type: 'binary', caseExact: true }),
];

/** In a resource, the extension is one complex attribute under its URN, and is treated as one. */
const ENTERPRISE_ATTRIBUTE = attribute(ENTERPRISE, {}, [
  ...strings('employeeNumber', 'costCenter', 'organization', 'division', 'department'),
  attribute('manager', {}, [
    attribute('value', { caseExact: true }),
    attribute('$ref', { type: 'reference', referenceTypes: ['User'] }),
    attribute('displayName', READ_ONLY),
  ]),
]);

const GROUP_ATTRIBUTES: Attribute[] = [
  attribute('displayName', { required: true, uniqueness: 'server' }),
  attribute('members', { multi: true }, [
    attribute('value', { mutability: 'immutable', caseExact: true }),
    attribute('$ref', { mutability: 'immutable', type: 'reference', referenceTypes: ['User'] }),
    attribute('type', { mutability: 'immutable', canonicalValues: ['User'] }),
    attribute('display', { mutability: 'immutable' }),
  ]),
];

export type ResourceType = {
  name: 'User' | 'Group';
  endpoint: '/Users' | '/Groups';
  schema: string;
  /** The top-level attributes of a resource, including the common ones and the extension. */
  attributes: Attribute[];
};

export const USER_TYPE: ResourceType = {
  name: 'User',
  endpoint: '/Users',
  schema: USER,
  attributes: [...COMMON, ...USER_ATTRIBUTES, ENTERPRISE_ATTRIBUTE],
};
export const GROUP_TYPE: ResourceType = {
  name: 'Group',
  endpoint: '/Groups',
  schema: GROUP,
  attributes: [...COMMON, ...GROUP_ATTRIBUTES],
};

/** RFC 7643, 7: the content of `/Schemas`. */
export const SCHEMAS = [
  { id: USER, name: 'User', description: 'User Account', attributes: USER_ATTRIBUTES },
  { id: GROUP, name: 'Group', description: 'Group', attributes: GROUP_ATTRIBUTES },
  { id: ENTERPRISE, name: 'EnterpriseUser', description: 'Enterprise User', attributes: ENTERPRISE_ATTRIBUTE.sub },
].map(({ attributes, ...schema }) => ({ ...schema, attributes: attributes.map(described) }));

function described({ multi, sub, ...rest }: Attribute): Record<string, unknown> {
  return {
    ...rest,
    multiValued: multi,
    description: rest.name,
    ...(sub.length > 0 ? { subAttributes: sub.map(described) } : {}),
  };
}

export const findAttribute = (attributes: Attribute[], name: string): Attribute | undefined =>
  attributes.find((each) => each.name.toLowerCase() === name.toLowerCase());
