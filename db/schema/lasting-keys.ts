import { pgTable, text } from 'drizzle-orm/pg-core';

/** Keys of the keyed hashes in other tables. SEALING_KEY seals only these keys, so the hashes outlive a change of it. */
export const lastingKeys = pgTable('lasting_keys', {
  name: text('name').primaryKey(),
  keySealed: text('key_sealed').notNull(),
});
