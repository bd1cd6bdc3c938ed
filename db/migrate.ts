import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator';
import postgres, { type Sql } from 'postgres';
import { UNHURRIED } from './unhurried';

/**
 * Brings the schema up to date while older processes keep working (docs/migrations.md). Many processes may start at once: one
 * migrates while the others wait. Each migration is a transaction that waits for a lock at most LOCK_WAIT, because every query
 * behind it would wait too; on a timeout it is rolled back and retried. One that begins with `-- outside a transaction` runs
 * statement by statement, and again from its beginning if it did not finish.
 */
const LOCK_WAIT = '2s';
const MOST_TRIES = 60;
const OUTSIDE = /^-- outside a transaction\b/;
const POLL_MS = 200;

type Options = { migrationsFolder?: string; tries?: number };

export async function migrate(databaseUrl: string, options: Options = {}): Promise<void> {
  const { migrationsFolder = join(process.cwd(), 'db', 'migrations'), tries = MOST_TRIES } = options;
  // The lock and the migrations share a session.
  const sql = postgres(databaseUrl, { ...UNHURRIED, onnotice: () => {} });
  try {
    await takeLock(sql);
    const done = await appliedAt(sql);
    for (const migration of readMigrationFiles({ migrationsFolder })) {
      if (done.has(migration.folderMillis)) continue;
      if (OUTSIDE.test(migration.sql[0] ?? '')) await applyOutside(sql, migration);
      else await apply(sql, migration, tries);
    }
  } finally {
    await sql.end();
  }
}

/** Polls for the lock: a waiting statement holds a snapshot, and a concurrent index build waits for its end. */
async function takeLock(sql: Sql): Promise<void> {
  for (;;) {
    const [row] = await sql`select pg_try_advisory_lock(hashtext('rollcall:migrate')) as taken`;
    if (row?.taken) return;
    await sleep(POLL_MS);
  }
}

/** Timestamps of the applied migrations, in the table of Drizzle's own migrator. */
async function appliedAt(sql: Sql): Promise<Set<number>> {
  await sql`create schema if not exists drizzle`;
  await sql`create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`;
  const rows = await sql`select created_at from drizzle.__drizzle_migrations`;
  return new Set(rows.map((row) => Number(row.created_at)));
}

const note = (sql: Pick<Sql, 'unsafe'>, { hash, folderMillis }: MigrationMeta) =>
  sql.unsafe('insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)', [hash, folderMillis]);

async function apply(sql: Sql, migration: MigrationMeta, tries: number): Promise<void> {
  for (let left = tries - 1; ; left--) {
    try {
      await sql.begin(async (tx) => {
        await tx.unsafe(`set local lock_timeout = '${LOCK_WAIT}'`);
        for (const statement of migration.sql) await tx.unsafe(statement);
        await note(tx, migration);
      });
      return;
    } catch (error) {
      // lock_not_available, deadlock_detected: let the lock's holder go first, and the queries behind us too.
      if (!['55P03', '40P01'].includes(String((error as { code?: string }).code)) || left <= 0) throw error;
      await sleep(POLL_MS + Math.random() * 1_000);
    }
  }
}

async function applyOutside(sql: Sql, migration: MigrationMeta): Promise<void> {
  for (const statement of migration.sql) await sql.unsafe(statement);
  await note(sql, migration);
}
