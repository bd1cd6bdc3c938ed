import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as run } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';

/** Brings the schema up to date. Safe to start in many processes at once: one works while the others wait for it. */
export async function migrate(databaseUrl: string): Promise<void> {
  // One connection, so that the lock and the migrations share a session.
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    await sql`select pg_advisory_lock(hashtext('rollcall:migrate'))`;
    await run(drizzle(sql), { migrationsFolder: join(process.cwd(), 'db', 'migrations') });
  } finally {
    await sql.end();
  }
}
