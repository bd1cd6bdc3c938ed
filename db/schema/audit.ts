import { index, jsonb, pgEnum, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { ACTOR_KINDS } from '@/lib/actor';
import { tenants } from './tenants';

export const actorKind = pgEnum('actor_kind', ACTOR_KINDS);

/**
 * What was done, by whom, to whom. Actor and target are snapshots without foreign keys: an entry outlives both.
 * Ids are UUIDv7, so `(tenant_id, id)` is the order of time.
 */
export const auditEntries = pgTable(
  'audit_entries',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    at: timestamp('at', { withTimezone: true }).notNull(),
    action: text('action').notNull(),
    actorKind: actorKind('actor_kind').notNull(),
    actorId: uuid('actor_id'),
    actorLabel: text('actor_label').notNull(),
    targetId: uuid('target_id'),
    targetLabel: text('target_label'),
    sessionId: uuid('session_id'),
    ip: text('ip'),
    userAgent: text('user_agent'),
    details: jsonb('details').$type<Record<string, unknown>>().notNull(),
  },
  (t) => [
    index('audit_by_time').on(t.tenantId, t.id),
    index('audit_by_target').on(t.tenantId, t.targetId, t.id),
    index('audit_by_actor').on(t.tenantId, t.actorId, t.id),
  ],
);

export type AuditEntry = typeof auditEntries.$inferSelect;
