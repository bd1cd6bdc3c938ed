import { sql } from 'drizzle-orm';
import { index, integer, pgEnum, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { tenants } from './tenants';

export const mailStatus = pgEnum('mail_status', ['queued', 'deferred', 'accepted', 'failed', 'cancelled']);

/**
 * The outbox. A mail is written in the transaction of its command, and its message is fixed then: a retry sends the same
 * bytes.
 */
export const mails = pgTable(
  'mails',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id, { onDelete: 'cascade' }),
    userId: uuid('user_id'),
    kind: text('kind').notNull(),
    toAddress: text('to_address').notNull(),
    messageId: text('message_id').notNull(),
    /** The whole message, which may hold a secret link. Erased once it will not be offered to a server again. */
    contentSealed: text('content_sealed'),
    status: mailStatus('status').notNull().default('queued'),
    attempts: integer('attempts').notNull().default(0),
    /** While a worker holds it, the end of its lease; otherwise the time of the next try. */
    nextAttemptAt: timestamp('next_attempt_at', { withTimezone: true }).notNull(),
    /** The mail server's own reply. */
    lastResponse: text('last_response'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    /** When the link in it expires: the mail is not sent after that. Null if it holds no link. */
    expiresAt: timestamp('expires_at', { withTimezone: true }),
    settledAt: timestamp('settled_at', { withTimezone: true }),
  },
  (t) => [
    index('mails_due').on(t.nextAttemptAt).where(sql`status in ('queued', 'deferred')`),
    index('mails_due_first')
      .on(t.nextAttemptAt)
      .where(sql`status in ('queued', 'deferred') and kind <> 'invitation'`)
      .concurrently(),
    index('mails_user').on(t.tenantId, t.userId, t.createdAt),
  ],
);
