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
 * Who did what to whom. Actor and target are snapshots without foreign keys: an entry outlives both. Ids are UUIDv7, so
 * `(tenant_id, id)` orders by time, and a date is a position in it. Append-only, and chained at the commit:
 * `db/migrations/0011_chain_the_audit_log.sql`, which also holds the indexes of the list.
 */
export const auditEntries = pgTable(
  'audit_entries',
  {
    id: uuid('id').notNull(),
    tenantId: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    /** Milliseconds, so that the hashed value is one that a `Date` can hold. */
    at: timestamp('at', { withTimezone: true, precision: 3 }).notNull(),
    action: text('action').notNull(),
    actorKind: actorKind('actor_kind').notNull(),
    /**
     * The person, also when an API key acted for them, or the SCIM token. Null for the operator's shell and the product
     * itself.
     */
    actorId: uuid('actor_id'),
    actorLabel: text('actor_label').notNull(),
    actorName: text('actor_name'),
    targetId: uuid('target_id'),
    targetLabel: text('target_label'),
    targetName: text('target_name'),
    sessionId: uuid('session_id'),
    /** The API key that acted for the person. */
    keyId: uuid('key_id'),
    keyName: text('key_name'),
    ip: text('ip'),
    userAgent: text('user_agent'),
    details: jsonb('details').$type<Record<string, unknown>>().notNull(),

    /** Begins with a blank, as in `users`, so that starts of words match. */
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
/** The columns of an entry, without the search text, which repeats them. */
export const entryColumns = own;
export type AuditEntry = Omit<typeof auditEntries.$inferSelect, 'search'>;

/**
 * A tenant's hash chain: entry number N is hashed together with the hash of number N − 1. Only the database writes it, at the
 * commit of the entry.
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

/** The newest number and hash, stored apart from the chain, so that cutting off the end of the chain is detected. */
export const auditHeads = pgTable('audit_heads', {
  tenantId: uuid('tenant_id').primaryKey(),
  number: integer('number').notNull(),
  hash: text('hash').notNull(),
  /**
   * Number of commits that changed what the list of people shows. It is stored here because every command locks this row at
   * its commit anyway. The triggers of `…_note_changes_of_the_list.sql` count all writers.
   */
  listChanges: bigint('list_changes', { mode: 'number' }).notNull().default(0),
});
