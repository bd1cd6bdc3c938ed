import { sql } from 'drizzle-orm';
import { foreignKey, index, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { mails } from './mails';
import { users } from './users';

/** At most one open invitation per person. An expired one still holds the slot; inviting again revokes it and opens a new one. */
export const invitations = pgTable(
  'invitations',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id').notNull(),
    userId: uuid('user_id').notNull(),
    /** The inviter's name in the mail and on the accept page: a snapshot that outlives the inviter. */
    inviterName: text('inviter_name').notNull(),
    tokenHash: text('token_hash').notNull(),
    /** Sealed, so that an admin can copy the link while it is valid; erased afterwards. */
    tokenSealed: text('token_sealed'),
    mailId: uuid('mail_id').references(() => mails.id, { onDelete: 'set null' }),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    acceptedAt: timestamp('accepted_at', { withTimezone: true }),
    revokedAt: timestamp('revoked_at', { withTimezone: true }),
  },
  (t) => [
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
    uniqueIndex('invitations_token').on(t.tokenHash),
    // Migration 0019 includes `expires_at`, so that the index alone tells whether an invitation is open.
    uniqueIndex('invitations_open').on(t.tenantId, t.userId).where(sql`accepted_at is null and revoked_at is null`),
    index('invitations_of').on(t.tenantId, t.userId, t.id),
    index('invitations_mail').on(t.mailId),
  ],
);
