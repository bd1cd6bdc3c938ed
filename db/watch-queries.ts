import { PgPreparedQuery } from 'drizzle-orm/pg-core';
import type { Sql } from 'postgres';
import { metrics, type Pool } from '@/lib/observe/metrics';
import { inSpan } from '@/lib/observe/trace';
import { noteIfOutOfReach } from './out-of-reach';

/**
 * Counts and times each statement, and records a span for it where traces are collected: its text with numbered placeholders,
 * never the parameters. The driver does not report the state of its pool, so we count what needs a connection: transactions,
 * and statements outside one.
 */
const OPERATIONS = new Set(['select', 'insert', 'update', 'delete']);
const MOST_TEXT = 2_000;

type Runs = {
  client: object;
  queryWithCache(text: string, params: unknown[], query: () => Promise<unknown>): Promise<unknown>;
};

/** Pools by client, without the clients of transactions. The gate, pages and routes are bundled separately, and share it. */
const shared = globalThis as typeof globalThis & { rollcallPools?: WeakMap<object, Pool> };
shared.rollcallPools ??= new WeakMap();
const pools = shared.rollcallPools;
/** Requests fail when the primary is out of reach. When the replica is, the primary stands in for it. */
const isReplica = (pool: Pool | undefined) => pool !== undefined && pool === metrics.pools.get('replica');

export function watchQueries(client: Sql, name: 'primary' | 'replica', size: number): void {
  const pool = { wanted: 0, size };
  metrics.pools.set(name, pool);
  pools.set(client, pool);
  const { begin } = client;
  client.begin = ((...given: Parameters<typeof begin>) => counted(pool, () => begin(...given))) as typeof begin;

  const prototype = PgPreparedQuery.prototype as unknown as Runs & { isWatched?: true };
  if (prototype.isWatched) return;
  prototype.isWatched = true;
  const { queryWithCache } = prototype;
  prototype.queryWithCache = function (this: Runs, text, params, query) {
    return watchStatement(this.client, text, () => queryWithCache.call(this, text, params, query));
  };
}

/** For a statement that does not reach the driver through Drizzle. */
export function watchStatement<T>(client: object, text: string, send: () => Promise<T>): Promise<T> {
  const pool = pools.get(client);
  const run = () => watched(text, send, !isReplica(pool));
  return pool ? counted(pool, run) : run();
}

async function counted<T>(pool: Pool, run: () => Promise<T>): Promise<T> {
  pool.wanted++;
  try {
    return await run();
  } finally {
    pool.wanted--;
  }
}

async function watched<T>(text: string, run: () => Promise<T>, isPrimary: boolean): Promise<T> {
  const [word = ''] = text.trimStart().split(/\s/, 1);
  const operation = OPERATIONS.has(word.toLowerCase()) ? word.toLowerCase() : 'other';
  const end = metrics.queries.startTimer({ operation });
  const about = {
    'db.system.name': 'postgresql',
    'db.operation.name': operation,
    'db.query.text': text.slice(0, MOST_TEXT),
  };
  try {
    return await inSpan(`query ${operation}`, about, run);
  } catch (error) {
    if (isPrimary) noteIfOutOfReach(error);
    metrics.queryFailures.inc({ operation });
    throw error;
  } finally {
    end();
  }
}
