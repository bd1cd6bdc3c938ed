import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { type Db, db, replica } from './client';

/**
 * The only access to the replica, for lists. It is asked only once it has replayed all that the primary had committed when the
 * read began, so it shows what the primary would have shown: one's own changes, everybody else's, and nothing older than a
 * version read before. A slow or lost replica is skipped for a while, and the primary answers.
 * Authority, and the data that a command decides by, are never read here.
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
  // The replica was lost, or a vacuum on the primary removed rows that it was reading. If the query itself is wrong, the
  // primary fails too.
  return Promise.resolve(read(other)).catch(() => read(db));
}

/** A commit is flushed first, so everything that a reader could see on the primary is before this position. */
async function hasCaughtUp(other: Db): Promise<boolean> {
  const until = performance.now() + PATIENCE_MS;
  const [primary] = await db.execute<{ at: string }>(sql`select pg_current_wal_flush_lsn()::text as at`);
  const look = async () => {
    const [row] = await other.execute<{ there: boolean | null }>(
      // A promoted replica has its own history.
      sql`select pg_is_in_recovery() and pg_last_wal_replay_lsn() >= ${primary?.at}::pg_lsn as there`,
    );
    return row?.there === true;
  };
  for (;;) {
    // A lost host does not answer at all.
    const there = await Promise.race([look(), sleep(Math.max(1, until - performance.now())).then(() => null)]);
    if (there !== false) return there === true;
    if (performance.now() + LOOK_EVERY_MS >= until) return false;
    await sleep(LOOK_EVERY_MS);
  }
}
