import { type SQL, sql } from 'drizzle-orm';
import {
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { scimTokens } from './scim-tokens';
import { tenants } from './tenants';
import { byteOrdered, userRole, users } from './users';

/** The pause switch for a tenant's identity provider. No row: it was never paused. */
export const scimConnections = pgTable('scim_connections', {
  tenantId: uuid('tenant_id')
    .primaryKey()
    .references(() => tenants.id, { onDelete: 'cascade' }),
  pausedAt: timestamp('paused_at', { withTimezone: true }),
});

/** A person's addresses as the identity provider sent them, in its order. The sign-in address is `users.email`. */
export const scimEmails = pgTable(
  'scim_emails',
  {
    tenantId: uuid('tenant_id').notNull(),
    userId: uuid('user_id').notNull(),
    position: smallint('position').notNull(),
    value: text('value'),
    type: text('type'),
    display: text('display'),
    /** Null if the identity provider did not say. */
    primary: boolean('is_primary'),
    valueKey: byteOrdered('value_key').generatedAlwaysAs((): SQL => sql`lower(${scimEmails.value})`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.userId, t.position] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
    index('scim_emails_value').on(t.tenantId, t.valueKey),
  ],
);

/** Groups of the identity provider. A group with a role gives it to its members. */
export const scimGroups = pgTable(
  'scim_groups',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id, { onDelete: 'cascade' }),
    displayName: text('display_name').notNull(),
    externalId: text('external_id'),
    role: userRole('role'),
    tokenId: uuid('token_id'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    /** As in `users`; membership counts as part of the group. */
    revision: integer('revision').notNull().default(1),
    changedAt: timestamp('changed_at', { withTimezone: true }).notNull(),
    displayKey: byteOrdered('display_key')
      .notNull()
      .generatedAlwaysAs((): SQL => sql`lower(${scimGroups.displayName})`),
  },
  (t) => [
    unique('scim_groups_tenant_id').on(t.tenantId, t.id),
    foreignKey({ columns: [t.tenantId, t.tokenId], foreignColumns: [scimTokens.tenantId, scimTokens.id] }),
    unique('scim_groups_name_once').on(t.tenantId, t.displayKey),
    index('scim_groups_external').on(t.tenantId, t.externalId),
  ],
);

export const scimGroupMembers = pgTable(
  'scim_group_members',
  {
    tenantId: uuid('tenant_id').notNull(),
    groupId: uuid('group_id').notNull(),
    userId: uuid('user_id').notNull(),
    /** Id of the recorded request that added the person to the group. */
    exchangeId: uuid('exchange_id').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.groupId, t.userId] }),
    foreignKey({ columns: [t.tenantId, t.groupId], foreignColumns: [scimGroups.tenantId, scimGroups.id] }).onDelete(
      'cascade',
    ),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
    index('scim_members_of').on(t.tenantId, t.userId),
  ],
);

/** The flight recorder: the last exchanges of a tenant, redacted. Older ones are dropped as new ones come. */
export const scimExchanges = pgTable(
  'scim_exchanges',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id, { onDelete: 'cascade' }),
    at: timestamp('at', { withTimezone: true }).notNull(),
    tokenId: uuid('token_id').notNull(),
    tokenName: text('token_name').notNull(),
    method: text('method').notNull(),
    path: text('path').notNull(),
    status: smallint('status').notNull(),
    tookMs: integer('took_ms').notNull(),
    /** What it means, in a sentence. */
    meaning: text('meaning').notNull(),
    targetId: uuid('target_id'),
    targetLabel: text('target_label'),
    request: jsonb('request'),
    response: jsonb('response'),
  },
  (t) => [index('scim_exchanges_by_time').on(t.tenantId, t.id)],
);

/** Refused exchanges by the hour, because the recorder's 200 may cover less than a day. */
export const scimErrors = pgTable(
  'scim_errors',
  {
    tenantId: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id, { onDelete: 'cascade' }),
    hour: timestamp('hour', { withTimezone: true }).notNull(),
    count: integer('count').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.hour] })],
);

/** Names and addresses of people whom the identity provider deleted: keyed hashes, so that they may outlive the person's row. */
export const scimDepartures = pgTable(
  'scim_departures',
  {
    tenantId: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id, { onDelete: 'cascade' }),
    nameHash: text('name_hash').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.nameHash] })],
);

export type ScimGroup = typeof scimGroups.$inferSelect;
export type ScimExchange = typeof scimExchanges.$inferSelect;
