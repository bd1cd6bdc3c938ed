import { sql } from 'drizzle-orm';
import { expect, vi } from 'vitest';
import { db } from '@/db/client';

/**
 * Runs the deeds at the same moment, each in a transaction on a connection of its own. A rule that only holds one after
 * the other loses here, so a race runs several times over. The connections are opened before: a deed that has to wait for
 * one comes too late to race.
 */
export async function race<T>(deeds: (() => Promise<T>)[]): Promise<T[]> {
  await Promise.all(deeds.map(() => db.execute(sql`select pg_sleep(0.02)`)));
  let open = () => {};
  const barrier = new Promise<void>((resolve) => {
    open = resolve;
  });
  const running = deeds.map((deed) => barrier.then(deed));
  open();
  return Promise.all(running);
}

/** Until so many statements wait for what another holds. */
export const waitingForLocks = (most: number) =>
  vi.waitFor(async () => {
    const [found] = await db.execute<{ n: number }>(sql`select count(*)::int as n from pg_stat_activity
      where wait_event_type = 'Lock' and datname = current_database()`);
    expect(found?.n).toBe(most);
  }, 10_000);
