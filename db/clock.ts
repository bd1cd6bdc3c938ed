import { sql } from 'drizzle-orm';
import { db } from './client';

/**
 * The clock of this machine against the database's. Deeds are dated by ours and sealed by the database; sessions and links
 * end by ours. So far apart, ours is not to be trusted with anything that stays.
 */
const MOST_OFF_MS = 900_000;

/** For a statement that is sent anyway, which then tells the time as well. */
export const databaseMs = sql<number>`extract(epoch from clock_timestamp()) * 1000`.mapWith(Number);

export class WrongClock extends Error {
  constructor(offMs: number) {
    const seconds = Math.round(Math.abs(offMs) / 1000);
    super(`This machine's clock is ${seconds} seconds away from the database's. Sessions and links end by it.`);
  }
}

export function trustClock(ofDatabaseMs: number): void {
  const offMs = Date.now() - ofDatabaseMs;
  if (Math.abs(offMs) > MOST_OFF_MS) throw new WrongClock(offMs);
}

export async function askClock(): Promise<void> {
  const [row] = await db.execute<{ ms: string }>(sql`select ${databaseMs} as ms`);
  trustClock(Number(row?.ms));
}
