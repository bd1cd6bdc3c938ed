import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import {
  bigint,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { ACTOR_KINDS } from '@/lib/actor';
import { tenants } from './tenants';

export const actorKind = pgEnum('actor_kind', ACTOR_KINDS);

/**
 * What was done, by whom, to whom. Actor and target are snapshots without foreign keys: an entry outlives both.
 * Ids are UUIDv7, so `(tenant_id, id)` is the order of time, and a date is a place in it. Append-only, and chained at the
 * commit: `db/migrations/0011_chain_the_audit_log.sql`, which also holds the indexes of the list.
 */
export const auditEntries = pgTable(
  'audit_entries',
  {
    id: uuid('id').notNull(),
    tenantId: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    /** To the millisecond, so that what is hashed is what a `Date` can hold. */
    at: timestamp('at', { withTimezone: true, precision: 3 }).notNull(),
    action: text('action').notNull(),
    actorKind: actorKind('actor_kind').notNull(),
    /** The person, also when a key acted for them; the SCIM token; null for the operator's shell and the product itself. */
    actorId: uuid('actor_id'),
    actorLabel: text('actor_label').notNull(),
    actorName: text('actor_name'),
    targetId: uuid('target_id'),
    targetLabel: text('target_label'),
    targetName: text('target_name'),
    sessionId: uuid('session_id'),
    /** The API key by which the person acted. */
    keyId: uuid('key_id'),
    keyName: text('key_name'),
    ip: text('ip'),
    userAgent: text('user_agent'),
    details: jsonb('details').$type<Record<string, unknown>>().notNull(),

    /** Begins with a blank, as the users' does, for the starts of words. */
    search: text('search')
      .notNull()
      .generatedAlwaysAs(
        (): SQL =>
          sql`' ' || lower(${auditEntries.actorLabel} || ' ' || coalesce(${auditEntries.actorName}, '') || ' ' || coalesce(${auditEntries.targetLabel}, '') || ' ' || coalesce(${auditEntries.targetName}, '') || ' ' || coalesce(${auditEntries.keyName}, '') || ' ' || coalesce(${auditEntries.ip}, ''))`,
      ),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

const { search: _, ...own } = getTableColumns(auditEntries);
/** What an entry says; the search text says it once more. */
export const entryColumns = own;
export type AuditEntry = Omit<typeof auditEntries.$inferSelect, 'search'>;

/**
 * The chain of a tenant: entry number N is hashed together with the hash of number N − 1. Written by the database at the
 * commit of the entry, and by nobody else.
 */
export const auditChain = pgTable(
  'audit_chain',
  {
    tenantId: uuid('tenant_id').notNull(),
    number: integer('number').notNull(),
    entryId: uuid('entry_id').notNull(),
    sealedAt: timestamp('sealed_at', { withTimezone: true, precision: 3 }).notNull(),
    /** SHA-256 in hex. */
    hash: text('hash').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.number] }), uniqueIndex('audit_chain_entry').on(t.tenantId, t.entryId)],
);

/** The newest number and hash, apart from the chain, so that one that was cut short at its end is found out. */
export const auditHeads = pgTable('audit_heads', {
  tenantId: uuid('tenant_id').primaryKey(),
  number: integer('number').notNull(),
  hash: text('hash').notNull(),
  /**
   * How many commits have changed what the list of people shows. It stands here since every deed holds this row at its
   * commit anyway. Counted by the triggers of `…_note_changes_of_the_list.sql`, whoever writes.
   */
  listChanges: bigint('list_changes', { mode: 'number' }).notNull().default(0),
});
