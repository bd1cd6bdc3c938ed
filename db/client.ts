import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { env } from '@/lib/env';
import { hideParams } from './hide-params';
import { silenceLost } from './lost-transactions';
import { openSocket } from './socket';
import { tenantWall } from './tenant-wall';
import { watchQueries } from './watch-queries';

export type Db = PostgresJsDatabase & { $client: postgres.Sql };
/** The handle of a transaction. A function that takes a `Tx` cannot be called outside one. */
export type Tx = Parameters<Parameters<PostgresJsDatabase['transaction']>[0]>[0];

// One pool per process: the proxy, the pages and the actions are bundled separately but share `globalThis`.
const shared = globalThis as typeof globalThis & { rollcallDb?: Db; rollcallReplica?: Db };

/** In milliseconds. A pooler does not accept these; with one, they are set on the role (docs/scaling.md). */
const PATIENCE = { statement_timeout: 60_000, lock_timeout: 15_000, idle_in_transaction_session_timeout: 60_000 };

/** The driver accepts this option, but its types lack it. */
const MADE_BY_US: object = { socket: openSocket };

function connect(name: 'primary' | 'replica', url: string): Db {
  hideParams();
  const { DATABASE_POOL_SIZE, DATABASE_DIRECT_URL } = env();
  const client = postgres(url, {
    max: DATABASE_POOL_SIZE,
    // If there is a direct URL, the other URLs lead through a pooler in transaction mode. There, the next statement may get
    // another connection, which does not know the name of the prepared statement.
    prepare: DATABASE_DIRECT_URL === undefined,
    idle_timeout: 60,
    connect_timeout: 10,
    connection: { application_name: 'rollcall', TimeZone: 'UTC', ...(DATABASE_DIRECT_URL ? {} : PATIENCE) },
    ...MADE_BY_US,
    onnotice: () => {},
  });
  silenceLost(client);
  watchQueries(client, name, DATABASE_POOL_SIZE);
  return drizzle(client, { logger: tenantWall });
}

/** Connects at first use, so that a build needs no database. */
export const db: Db = new Proxy({} as Db, {
  get(_, property) {
    shared.rollcallDb ??= connect('primary', env().DATABASE_URL);
    const value = Reflect.get(shared.rollcallDb, property);
    return typeof value === 'function' && property !== '$client' ? value.bind(shared.rollcallDb) : value;
  },
});

/** Null if none is configured. Only `reading` (db/replica.ts) knows when it may be asked. */
export function replica(): Db | null {
  const { DATABASE_REPLICA_URL } = env();
  if (!DATABASE_REPLICA_URL) return null;
  shared.rollcallReplica ??= connect('replica', DATABASE_REPLICA_URL);
  return shared.rollcallReplica;
}

/** Lets running queries finish, for at most five seconds. */
export async function disconnect(): Promise<void> {
  const open = [shared.rollcallDb, shared.rollcallReplica];
  shared.rollcallDb = undefined;
  shared.rollcallReplica = undefined;
  await Promise.all(open.map((pool) => pool?.$client.end({ timeout: 5 })));
}
