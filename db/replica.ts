import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { type Db, db, replica } from './client';

/**
 * The one way to the replica, for lists. It is asked only once it has replayed all that the primary had committed when
 * the reading began, so it shows what the primary would have shown: one's own deeds, everybody else's, and nothing older
 * than a version read before. One that is slow or gone is left alone for a while, and the primary answers.
 * Authority, and what a command decides by, is never read here.
 */
const PATIENCE_MS = 30;
const LOOK_EVERY_MS = 3;
const REST_MS = 250;

let restsUntil = 0;

export async function reading<T>(read: (on: Db) => PromiseLike<T>): Promise<T> {
  const other = replica();
  if (!other || performance.now() < restsUntil) return read(db);
  if (!(await hasCaughtUp(other).catch(() => false))) {
    restsUntil = performance.now() + REST_MS;
    return read(db);
  }
  // It has gone since, or a vacuum on the primary took away rows that it was reading. What is wrong with the query itself,
  // the primary says too.
  return Promise.resolve(read(other)).catch(() => read(db));
}

/** What is committed is flushed first, so whatever a reader could see on the primary lies before this point. */
async function hasCaughtUp(other: Db): Promise<boolean> {
  const until = performance.now() + PATIENCE_MS;
  const [primary] = await db.execute<{ at: string }>(sql`select pg_current_wal_flush_lsn()::text as at`);
  const look = async () => {
    const [row] = await other.execute<{ there: boolean | null }>(
      // A replica that was promoted has a history of its own.
      sql`select pg_is_in_recovery() and pg_last_wal_replay_lsn() >= ${primary?.at}::pg_lsn as there`,
    );
    return row?.there === true;
  };
  for (;;) {
    // A host that is gone does not say no.
    const there = await Promise.race([look(), sleep(Math.max(1, until - performance.now())).then(() => null)]);
    if (there !== false) return there === true;
    if (performance.now() + LOOK_EVERY_MS >= until) return false;
    await sleep(LOOK_EVERY_MS);
  }
}
