import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Db } from '@/db/client';

/** The statements that reach Postgres while `work` runs, as the driver sends them. */
export async function queriesOf<T>(work: () => Promise<T>) {
  const sent: { query: string; parameters: unknown[] }[] = [];
  const shared = globalThis as typeof globalThis & { rollcallDb?: Db };
  const usual = shared.rollcallDb;
  const sql = postgres(String(process.env.DATABASE_URL), {
    debug: (_, query, parameters) => sent.push({ query, parameters }),
  });
  shared.rollcallDb = drizzle(sql);
  try {
    const result = await work();
    const statements = sent.filter(({ query }) => !query.includes('pg_catalog.pg_type'));
    return { result, statements, queries: statements.map(({ query }) => query) };
  } finally {
    shared.rollcallDb = usual as Db;
    await sql.end();
  }
}
