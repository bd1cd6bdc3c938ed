import { sql } from 'drizzle-orm';
import { index, pgTable, text, timestamp, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { tenants } from './tenants';

/**
 * A token of an identity provider; the row keeps only its hash. Several may be live, so that a rotation has no gap. A dead one
 * is kept, because people and audit entries name it.
 */
export const scimTokens = pgTable(
  'scim_tokens',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    name: text('name').notNull(),
    tokenHash: text('token_hash').notNull(),
    /** Prefix and last letters, by which people tell tokens apart. */
    hint: text('hint').notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }),
    lastUsedAt: timestamp('last_used_at', { withTimezone: true }),
    revokedAt: timestamp('revoked_at', { withTimezone: true }),
  },
  (t) => [
    unique('scim_tokens_tenant_id').on(t.tenantId, t.id),
    uniqueIndex('scim_tokens_hash').on(t.tokenHash),
    uniqueIndex('scim_tokens_name').on(t.tenantId, sql`lower(${t.name})`).where(sql`revoked_at is null`),
    index('scim_tokens_list').on(t.tenantId, t.createdAt),
  ],
);

export type ScimToken = typeof scimTokens.$inferSelect;
