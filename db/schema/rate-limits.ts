import { index, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/** Fixed windows, shared by every process. The key is a hash: no address or account stands here in clear. */
export const rateLimits = pgTable(
  'rate_limits',
  {
    key: text('key').primaryKey(),
    count: integer('count').notNull(),
    windowEndsAt: timestamp('window_ends_at', { withTimezone: true }).notNull(),
  },
  (t) => [index('rate_limits_over').on(t.windowEndsAt)],
);
