import { sql } from 'drizzle-orm';
import { db } from './client';

/**
 * Compares this machine's clock with the database's. Commands are dated by ours and sealed by the database; sessions and links
 * expire by ours. Beyond this difference, our clock is not trusted with anything that is stored.
 */
const MOST_OFF_MS = 900_000;

/** Added to a statement that is sent anyway, which then also returns the database's time. */
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
