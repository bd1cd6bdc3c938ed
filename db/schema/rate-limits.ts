import { index, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/** Fixed windows, shared by all processes. The key is a hash: no address or account is stored in clear. */
export const rateLimits = pgTable(
  'rate_limits',
  {
    key: text('key').primaryKey(),
    count: integer('count').notNull(),
    windowEndsAt: timestamp('window_ends_at', { withTimezone: true }).notNull(),
  },
  (t) => [index('rate_limits_over').on(t.windowEndsAt)],
);
