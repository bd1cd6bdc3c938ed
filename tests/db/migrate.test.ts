import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres, { type Sql } from 'postgres';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { migrate } from '@/db/migrate';
import { databaseUrl, dropDatabase } from '../support/database';

let folder: string;
let url: string;
let sql: Sql;
let number = 0;

beforeEach(async () => {
  const name = `migrate_${process.pid}_${number++}`;
  const cluster = postgres(inject('clusterUrl'), { max: 1, onnotice: () => {} });
  await cluster.unsafe(`create database ${name}`);
  await cluster.end();
  url = databaseUrl(inject('clusterUrl'), name);
  sql = postgres(url, { max: 4, onnotice: () => {} });
  folder = mkdtempSync(join(tmpdir(), 'rollcall-migrations-'));
  return async () => {
    await sql.end();
    await dropDatabase(inject('clusterUrl'), name);
  };
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Migrations, as they are in the order of an array, in place of the product's. */
function offer(...texts: string[]): void {
  mkdirSync(join(folder, 'meta'), { recursive: true });
  const entries = texts.map((text, idx) => {
    writeFileSync(join(folder, `${idx}.sql`), text);
    return { idx, version: '7', when: idx + 1, tag: String(idx), breakpoints: true };
  });
  writeFileSync(
    join(folder, 'meta', '_journal.json'),
    JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
  );
}
const run = (tries?: number) => migrate(url, { migrationsFolder: folder, ...(tries ? { tries } : {}) });
const TABLE = 'create table people (id int)';
const COLUMN = 'alter table people add column name text';
const columns = async () =>
  (await sql`select column_name as name from information_schema.columns where table_name = 'people' order by 1`).map(
    ({ name }) => name,
  );

test('a migration that waits for a lock lets others pass meanwhile, and comes to its turn', async () => {
  offer(TABLE);
  await run();
  offer(TABLE, COLUMN);
  const reader = await sql.reserve();
  await reader`begin`;
  await reader`select * from people`;
  const migrated = run();
  await expect
    .poll(async () => (await sql`select 1 from pg_locks where not granted and mode = 'AccessExclusiveLock'`).length)
    .toBe(1);
  const began = performance.now();
  // Behind the lock that is waited for, this waits too, but not for the reader's end.
  await sql`select * from people`;
  expect(performance.now() - began).toBeLessThan(4_000);
  expect(await columns()).toEqual(['id']);
  await reader`commit`;
  reader.release();
  await migrated;
  expect(await columns()).toEqual(['id', 'name']);
});

test('one that finds no moment is not done in part, and is done at the next start', async () => {
  offer(TABLE);
  await run();
  offer(TABLE, `create table other (id int);--> statement-breakpoint\n${COLUMN}`);
  const reader = await sql.reserve();
  await reader`begin`;
  await reader`select * from people`;
  await expect(run(1)).rejects.toMatchObject({ code: '55P03' });
  expect(await sql`select to_regclass('other') as it`).toEqual([{ it: null }]);
  await reader`commit`;
  reader.release();
  await run();
  expect(await columns()).toEqual(['id', 'name']);
});

test('an index is built outside a transaction, and anew when it was broken off', async () => {
  const build = [
    '-- outside a transaction\ndrop index concurrently if exists people_once',
    'create unique index concurrently people_once on people (id)',
  ].join(';--> statement-breakpoint\n');
  offer(TABLE, build);
  offer(TABLE);
  await run();
  await sql`insert into people values (1), (1)`;
  offer(TABLE, build);
  await expect(run()).rejects.toMatchObject({ code: '23505' });
  expect(await sql`select indisvalid from pg_index where indexrelid = 'people_once'::regclass`).toEqual([
    { indisvalid: false },
  ]);
  await sql`delete from people`;
  await run();
  expect(await sql`select indisvalid from pg_index where indexrelid = 'people_once'::regclass`).toEqual([
    { indisvalid: true },
  ]);
});

test('of many starts at once each migration is done by one, also one that waits for all that went before', async () => {
  offer(TABLE, '-- outside a transaction\ncreate index concurrently people_id on people (id)', COLUMN);
  await Promise.all([run(), run(), run(), run()]);
  expect(await columns()).toEqual(['id', 'name']);
  expect(await sql`select count(*)::int as n from drizzle.__drizzle_migrations`).toEqual([{ n: 3 }]);
});
