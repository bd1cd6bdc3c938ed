import { drizzle } from 'drizzle-orm/postgres-js';
import { type Db, db as walled } from '@/db/client';

export * from '@/db/client';

/** The product's own pool, for what a test looks up or prepares in whichever tenant: vitest.config.ts puts it in place of `db`. */
export const db: Db = new Proxy(walled, {
  get(_, property) {
    // Connects, if nobody has yet.
    void walled.$client;
    const { rollcallDb } = globalThis as typeof globalThis & { rollcallDb?: Db };
    const open = drizzle(rollcallDb?.$client as Db['$client']);
    const value = Reflect.get(open, property);
    return typeof value === 'function' && property !== '$client' ? value.bind(open) : value;
  },
});
