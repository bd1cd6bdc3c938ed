import { pgTable, text } from 'drizzle-orm/pg-core';

/** Keys of keyed hashes that stand in rows, so that those outlive a change of SEALING_KEY: it seals these keys alone. */
export const lastingKeys = pgTable('lasting_keys', {
  name: text('name').primaryKey(),
  keySealed: text('key_sealed').notNull(),
});
