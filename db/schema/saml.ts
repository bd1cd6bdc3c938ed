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
 * A tenant's identity provider as its metadata describes it, and the tenant's settings for it. `tenants.saml` says whether it
 * may sign people in. A new connection has a new id, so requests sent for an earlier one match none.
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
    /** Where the response to the identity provider's sign-out request goes; null if it offers no sign-out by POST. */
    sloUrl: text('slo_url'),
    /** DER in base64. Each of them may sign, so a rotation has no gap. */
    certificates: text('certificates').array().notNull(),
    signRequests: boolean('sign_requests').notNull(),
    strict: boolean('strict').notNull().default(true),
    jit: boolean('jit').notNull().default(false),
    idpInitiated: boolean('idp_initiated').notNull().default(false),
    /** This provider's attribute names; null if the usual names apply. */
    emailAttribute: text('email_attribute'),
    firstNameAttribute: text('first_name_attribute'),
    lastNameAttribute: text('last_name_attribute'),
    /** Null while roles are not mapped. */
    groupAttribute: text('group_attribute'),
    /** When a test sign-in last passed with the current settings. Changing them clears it. */
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

/** A group whose members get a role; everybody else is a Standard User. */
export const samlGroupRoles = pgTable(
  'saml_group_roles',
  { ...ofConnection, groupName: text('group_name').notNull(), role: userRole('role').notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.groupName] })],
);

/** A domain whose people are sent to this tenant's provider. It belongs to one tenant; the operator verifies it. */
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

/** The person that a NameID stands for. Keyed by provider and subject, so that no other provider can speak for the person. */
export const samlLinks = pgTable(
  'saml_links',
  {
    ...ofConnection,
    idpEntityId: text('idp_entity_id').notNull(),
    nameId: text('name_id').notNull(),
    userId: uuid('user_id').notNull(),
    /** The groups that were sent last; null if none were asked for. */
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

/** Ids of assertions, answered requests and sign-outs: each is accepted once, by any process. */
export const samlSpentIds = pgTable(
  'saml_spent_ids',
  {
    // References the tenant, not the connection: a spent id stays spent when the connection is replaced.
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

/** The flight recorder: the last hundred messages of a connection, without anything that could be used again. */
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
    /** The person it was about, as the provider named them. */
    subject: text('subject'),
    xml: text('xml'),
    /** What was checked and understood. */
    report: jsonb('report').$type<Record<string, unknown>>(),
  },
  (t) => [unique('saml_exchanges_tenant_id').on(t.tenantId, t.id)],
);

/** A validated response that waits for the browser that asked for it. Redeemed by deleting the row. */
export const samlArrivals = pgTable(
  'saml_arrivals',
  {
    handleHash: text('handle_hash').primaryKey(),
    ...ofConnection,
    /** Hash of the value that the asking browser's cookie must hold. */
    bindingHash: text('binding_hash').notNull(),
    exchangeId: uuid('exchange_id').notNull(),
    claims: jsonb('claims').$type<Record<string, unknown>>().notNull(),
    /** Nobody asked for the response: the person must confirm it with a button. */
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

/** The identifiers by which a provider may end a session that it opened. */
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

/** The product's key pairs, for all tenants. The one that started to sign last signs; all that are not retired decrypt. */
export const samlKeys = pgTable('saml_keys', {
  id: uuid('id').primaryKey(),
  privateKeySealed: text('private_key_sealed').notNull(),
  certificate: text('certificate').notNull(),
  createdAt: at('created_at').notNull(),
  /** Null while it is only announced in the metadata. */
  signsSince: at('signs_since'),
  retiresAt: at('retires_at'),
});
