import {
  boolean,
  foreignKey,
  index,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { sessions } from './sessions';
import { tenants } from './tenants';
import { userRole, users } from './users';

const at = (name: string) => timestamp(name, { withTimezone: true });

export const samlBinding = pgEnum('saml_binding', ['redirect', 'post']);

/**
 * A tenant's identity provider, as its metadata describes it, and what the tenant makes of it. Whether it may sign people
 * in stands in `tenants.saml`. A new connection has a new id, so that questions asked for an earlier one are nobody's.
 */
export const samlConnections = pgTable(
  'saml_connections',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    metadataXml: text('metadata_xml').notNull(),
    idpEntityId: text('idp_entity_id').notNull(),
    ssoUrl: text('sso_url').notNull(),
    ssoBinding: samlBinding('sso_binding').notNull(),
    /** Where the answer to a sign-out by the identity provider goes; null where it offers no sign-out by POST. */
    sloUrl: text('slo_url'),
    /** DER in base64; every one of them may sign, so that a rotation has no gap. */
    certificates: text('certificates').array().notNull(),
    signRequests: boolean('sign_requests').notNull(),
    strict: boolean('strict').notNull().default(true),
    jit: boolean('jit').notNull().default(false),
    idpInitiated: boolean('idp_initiated').notNull().default(false),
    /** Attribute names of this provider; null where the usual names are understood. */
    emailAttribute: text('email_attribute'),
    firstNameAttribute: text('first_name_attribute'),
    lastNameAttribute: text('last_name_attribute'),
    /** Null while roles are not mapped. */
    groupAttribute: text('group_attribute'),
    /** When a test sign-in last passed with the settings as they are: a change of them clears it. */
    testedAt: at('tested_at'),
    createdAt: at('created_at').notNull(),
    updatedAt: at('updated_at').notNull(),
  },
  (t) => [unique('saml_connections_tenant').on(t.tenantId)],
);

const ofConnection = {
  tenantId: uuid('tenant_id')
    .notNull()
    .references(() => samlConnections.tenantId, { onDelete: 'cascade' }),
};

/** A group whose people get a role; everybody else is a Standard User. */
export const samlGroupRoles = pgTable(
  'saml_group_roles',
  { ...ofConnection, groupName: text('group_name').notNull(), role: userRole('role').notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.groupName] })],
);

/** A domain whose people are led to this tenant's provider. It belongs to one tenant; the operator verifies it. */
export const samlDomains = pgTable(
  'saml_domains',
  {
    domain: text('domain').primaryKey(),
    tenantId: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    verifiedAt: at('verified_at'),
    createdAt: at('created_at').notNull(),
  },
  (t) => [index('saml_domains_tenant').on(t.tenantId)],
);

/** Whom a provider means by a NameID: keyed by provider and subject, so that no other provider can speak for the person. */
export const samlLinks = pgTable(
  'saml_links',
  {
    ...ofConnection,
    idpEntityId: text('idp_entity_id').notNull(),
    nameId: text('name_id').notNull(),
    userId: uuid('user_id').notNull(),
    /** The groups that were sent last; null when none were asked for. */
    groups: text('groups').array(),
    createdAt: at('created_at').notNull(),
    lastSeenAt: at('last_seen_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.idpEntityId, t.nameId] }),
    unique('saml_links_user').on(t.tenantId, t.idpEntityId, t.userId),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
    index('saml_links_of').on(t.tenantId, t.userId),
  ],
);

/** Ids of assertions, answered requests and sign-outs: each is good once, in whichever process it arrives. */
export const samlSpentIds = pgTable(
  'saml_spent_ids',
  {
    // Not of the connection: what was spent stays spent when a connection is made anew.
    tenantId: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    idHash: text('id_hash').notNull(),
    expiresAt: at('expires_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.idHash] }), index('saml_spent_ids_over').on(t.expiresAt)],
);

export const samlDirection = pgEnum('saml_direction', ['sent', 'received']);
export const samlExchangeKind = pgEnum('saml_exchange_kind', ['sign-in', 'test', 'sign-out']);
export const samlOutcome = pgEnum('saml_outcome', ['done', 'waiting', 'refused']);

/** The flight recorder: the last hundred messages of a connection, without what could be used again. */
export const samlExchanges = pgTable(
  'saml_exchanges',
  {
    id: uuid('id').primaryKey(),
    ...ofConnection,
    at: at('at').notNull(),
    direction: samlDirection('direction').notNull(),
    kind: samlExchangeKind('kind').notNull(),
    outcome: samlOutcome('outcome').notNull(),
    /** The name of the refusal; its sentence is in the code. */
    reason: text('reason'),
    /** Whom it was about, as the provider named them. */
    subject: text('subject'),
    xml: text('xml'),
    /** What was checked and understood. */
    report: jsonb('report').$type<Record<string, unknown>>(),
  },
  (t) => [unique('saml_exchanges_tenant_id').on(t.tenantId, t.id)],
);

/** An answer that has been validated and waits for the browser that asked. Taken by deleting the row. */
export const samlArrivals = pgTable(
  'saml_arrivals',
  {
    handleHash: text('handle_hash').primaryKey(),
    ...ofConnection,
    /** What the cookie of the browser that asked must say. */
    bindingHash: text('binding_hash').notNull(),
    exchangeId: uuid('exchange_id').notNull(),
    claims: jsonb('claims').$type<Record<string, unknown>>().notNull(),
    /** Nobody asked for it: the person presses the button themself. */
    unasked: boolean('unasked').notNull(),
    next: text('next'),
    expiresAt: at('expires_at').notNull(),
  },
  (t) => [
    foreignKey({
      columns: [t.tenantId, t.exchangeId],
      foreignColumns: [samlExchanges.tenantId, samlExchanges.id],
    }).onDelete('cascade'),
    index('saml_arrivals_over').on(t.expiresAt),
  ],
);

/** Of a session that a provider opened: by what it may be ended from there. */
export const samlSessions = pgTable(
  'saml_sessions',
  {
    sessionId: uuid('session_id')
      .primaryKey()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    tenantId: uuid('tenant_id').notNull(),
    idpEntityId: text('idp_entity_id').notNull(),
    nameId: text('name_id').notNull(),
    sessionIndex: text('session_index'),
  },
  (t) => [index('saml_sessions_subject').on(t.tenantId, t.idpEntityId, t.nameId)],
);

/** The product's own key pairs, for all tenants: the one that began last signs, and all that are not retired open what is encrypted. */
export const samlKeys = pgTable('saml_keys', {
  id: uuid('id').primaryKey(),
  privateKeySealed: text('private_key_sealed').notNull(),
  certificate: text('certificate').notNull(),
  createdAt: at('created_at').notNull(),
  /** Null while it is only announced in the metadata. */
  signsSince: at('signs_since'),
  retiresAt: at('retires_at'),
});
