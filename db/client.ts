import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { env } from '@/lib/env';
import { hideParams } from './hide-params';
import { watchQueries } from './watch-queries';

export type Db = PostgresJsDatabase & { $client: postgres.Sql };
/** What a transaction hands out. A function that takes a `Tx` cannot be called outside one. */
export type Tx = Parameters<Parameters<PostgresJsDatabase['transaction']>[0]>[0];

// One pool per process: the proxy, the pages and the actions are bundled apart but share `globalThis`.
const shared = globalThis as typeof globalThis & { rollcallDb?: Db };

function connect(): Db {
  hideParams();
  const { DATABASE_URL, DATABASE_POOL_SIZE } = env();
  const client = postgres(DATABASE_URL, {
    max: DATABASE_POOL_SIZE,
    idle_timeout: 60,
    connect_timeout: 10,
    connection: { application_name: 'rollcall', TimeZone: 'UTC' },
    onnotice: () => {},
  });
  watchQueries(client, DATABASE_POOL_SIZE);
  return drizzle(client);
}

/** Connects at first use, so that a build needs no database. */
export const db: Db = new Proxy({} as Db, {
  get(_, property) {
    shared.rollcallDb ??= connect();
    const value = Reflect.get(shared.rollcallDb, property);
    return typeof value === 'function' ? value.bind(shared.rollcallDb) : value;
  },
});

/** Lets running queries finish, for at most five seconds. */
export async function disconnect(): Promise<void> {
  const open = shared.rollcallDb;
  shared.rollcallDb = undefined;
  await open?.$client.end({ timeout: 5 });
}
