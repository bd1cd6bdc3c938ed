import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Db } from '@/db/client';

/** The statements that reach Postgres while `work` runs, as the driver sends them. */
export async function queriesOf<T>(work: () => Promise<T>): Promise<{ result: T; queries: string[] }> {
  const queries: string[] = [];
  const shared = globalThis as typeof globalThis & { rollcallDb?: Db };
  const usual = shared.rollcallDb;
  const sql = postgres(String(process.env.DATABASE_URL), { debug: (_, query) => queries.push(query) });
  shared.rollcallDb = drizzle(sql);
  try {
    const result = await work();
    return { result, queries: queries.filter((query) => !query.includes('pg_catalog.pg_type')) };
  } finally {
    shared.rollcallDb = usual as Db;
    await sql.end();
  }
}
