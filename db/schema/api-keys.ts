import { sql } from 'drizzle-orm';
import {
  foreignKey,
  index,
  integer,
  json,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { users } from './users';

/** A key acts for its creator, with the creator's rights at that moment. The row keeps only a hash of the token. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id').notNull(),
    /** The creator. */
    userId: uuid('user_id').notNull(),
    name: text('name').notNull(),
    tokenHash: text('token_hash').notNull(),
    /** The part of the token that a list may show. */
    hint: text('hint').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    /** Null: never. */
    expiresAt: timestamp('expires_at', { withTimezone: true }),
    lastUsedAt: timestamp('last_used_at', { withTimezone: true }),
    revokedAt: timestamp('revoked_at', { withTimezone: true }),
  },
  (t) => [
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
    unique('api_keys_tenant_id').on(t.tenantId, t.id),
    uniqueIndex('api_keys_token').on(t.tokenHash),
    uniqueIndex('api_keys_name').on(t.tenantId, sql`lower(${t.name})`).where(sql`revoked_at is null`),
    index('api_keys_creator').on(t.tenantId, t.userId),
  ],
);

/** The response to a POST with an Idempotency-Key. Without a status, the request is still running. */
export const apiAnswers = pgTable(
  'api_answers',
  {
    tenantId: uuid('tenant_id').notNull(),
    keyId: uuid('key_id').notNull(),
    idempotencyKey: text('idempotency_key').notNull(),
    /** SHA-256 of method, path and body: the same key for another request is refused. */
    fingerprint: text('fingerprint').notNull(),
    status: integer('status'),
    /** `json`, not `jsonb`: it keeps the bytes of the response. */
    body: json('body'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.keyId, t.idempotencyKey] }),
    foreignKey({ columns: [t.tenantId, t.keyId], foreignColumns: [apiKeys.tenantId, apiKeys.id] }).onDelete('cascade'),
    index('api_answers_old').on(t.createdAt),
  ],
);
