import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startEmbeddedPostgres } from '@/db/embedded';
import { IN_USE } from '@/scripts/admin/connect';
import { ended, startAdmin } from '../support/shell';

// Each command is a process of its own, half a second on an idle machine.
vi.setConfig({ testTimeout: 60_000 });

/** The shell where the product does not run and no database was given: it brings the product's own, and takes it away. */
let dataDir = '';
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rollcall-admin-'));
  await chmod(dataDir, 0o755);
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

// An empty variable means "not set".
const start = (args: string[]) =>
  startAdmin(args, { DATA_DIR: dataDir, DATABASE_URL: '', AUTH_SECRET: '', SEALING_KEY: '', SMTP_URL: '' });

const tenant = (slug: string) => start(['tenant', 'create', '--slug', slug, '--name', slug]);

/** Looks into the database by a start of its own, which also says whether somebody had left the server running. */
async function look(): Promise<{ wasRunning: boolean; slugs: string[] }> {
  const server = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') });
  const sql = postgres(server.url, { max: 1 });
  const rows = await sql<{ slug: string }[]>`select slug from tenants order by slug`;
  await sql.end();
  await server.stop();
  return { wasRunning: server.reused, slugs: rows.map(({ slug }) => slug) };
}

test('the first command makes the database, and no server stays behind', async () => {
  expect(await ended(tenant('first'))).toMatchObject({ code: 0, err: '' });
  expect(await look()).toEqual({ wasRunning: false, slugs: ['first'] });
});

test('commands at the same moment share one server: none takes it from another', async () => {
  const answers = await Promise.all(['one', 'two', 'three', 'four'].map((slug) => ended(tenant(slug))));
  expect(answers.map(({ code, err }) => ({ code, err }))).toEqual(answers.map(() => ({ code: 0, err: '' })));
  expect(await look()).toEqual({ wasRunning: false, slugs: ['first', 'four', 'one', 'three', 'two'] });
});

test('a command that comes in while another stops the server waits, and starts it again', async () => {
  const server = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') });
  const sql = postgres(server.url, { max: 1 });
  await sql`select pg_advisory_lock(${IN_USE})`;
  const answer = ended(tenant('late'));
  const waits = () => sql`select 1 from pg_locks where locktype = 'advisory' and not granted`;
  while ((await waits()).length === 0) await sleep(50);
  await server.stop();
  await sql.end();
  expect(await answer).toMatchObject({ code: 0, err: '' });
  expect(await look()).toEqual({ wasRunning: false, slugs: ['first', 'four', 'late', 'one', 'three', 'two'] });
});

/** Returns while the child's rows are on their way in, and is gone again itself. */
async function underWay(): Promise<void> {
  const postgresDir = join(dataDir, 'postgres');
  while (!existsSync(join(postgresDir, 'server', 'data', 'postmaster.pid'))) await sleep(20);
  const server = await startEmbeddedPostgres({ dataDir: postgresDir });
  const sql = postgres(server.url, { max: 1 });
  const inserting = () => sql`select 1 from pg_stat_activity where query like 'insert into "users"%'`;
  while ((await inserting()).length === 0) await sleep(50);
  await sql.end();
}

test('an interrupted seeding leaves nobody, and no server', async () => {
  const seeding = start(['seed', '--create', '--tenant', 'half', '--users', '200000']);
  const end = ended(seeding);
  await underWay();
  seeding.kill('SIGTERM');
  expect(await end).toEqual({ code: 143, out: '', err: '' });
  expect(await look()).toEqual({ wasRunning: false, slugs: ['first', 'four', 'late', 'one', 'three', 'two'] });
});
