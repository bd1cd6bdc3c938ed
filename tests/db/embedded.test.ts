import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@/db/embedded';

let dataDir = '';
let started: EmbeddedPostgres[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'rollcall-embedded-'));
  chmodSync(dataDir, 0o755);
});

afterEach(async () => {
  await Promise.all(started.map((server) => server.stop()));
  started = [];
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, settings: { shared_buffers: '16MB' } });
  started.push(server);
  return server;
}

async function query<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

const pidFile = () => join(dataDir, 'server', 'data', 'postmaster.pid');
const serverPid = () => Number(readFileSync(pidFile(), 'utf8').split('\n')[0]);
const portOf = (server: EmbeddedPostgres) => Number(new URL(server.url).port);
const keep = (server: EmbeddedPostgres, word: string) =>
  query(server.url, async (sql) => {
    await sql`create table if not exists kept (word text)`;
    await sql`insert into kept values (${word})`;
  });
const kept = (server: EmbeddedPostgres) =>
  query(server.url, async (sql) => (await sql`select word from kept`).map(({ word }) => word));

describe('the embedded Postgres', () => {
  test('keeps its data over a clean stop, and leaves nothing running', async () => {
    const first = await start();
    await keep(first, 'stays');
    const pid = serverPid();
    await first.stop();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await expect(query(first.url, (sql) => sql`select 1`)).rejects.toThrow('ECONNREFUSED');

    const second = await start();
    expect(second.reused).toBe(false);
    expect(await kept(second)).toEqual(['stays']);
  });

  test('several starts at once end up with one server', async () => {
    const servers = await Promise.all([start(), start(), start()]);
    expect(new Set(servers.map(({ url }) => url)).size).toBe(1);
    expect(servers.filter(({ reused }) => !reused)).toHaveLength(1);
    for (const server of servers) await query(server.url, (sql) => sql`select 1`);
  });

  test('a second start uses the running server, and its stop leaves it running', async () => {
    const first = await start();
    const second = await start();
    expect(second).toMatchObject({ reused: true, url: first.url });
    await second.stop();
    await query(first.url, (sql) => sql`select 1`);
  });

  test('a server whose starter was killed belongs to whoever finds it, and ends with them', async () => {
    await start();
    const pid = serverPid();
    const { pid: killed } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(join(dataDir, 'owner'), String(killed));
    const second = await start();
    expect(second.reused).toBe(false);
    expect(await start()).toMatchObject({ reused: true, url: second.url });
    await second.stop();
    // It takes its file away a moment before it ends, and whoever started it has to notice.
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 5_000);
    await second.ended;
  });

  test('a killed server comes back with what was committed, once for two starts at once', async () => {
    const first = await start();
    await keep(first, 'committed');
    process.kill(serverPid(), 'SIGKILL');
    const again = await Promise.all([start(), start()]);
    expect(again.filter(({ reused }) => !reused)).toHaveLength(1);
    expect(new Set(again.map(({ url }) => url)).size).toBe(1);
    for (const server of again) expect(await kept(server)).toEqual(['committed']);
  });

  test('a pid file that names another program’s process is not taken for a server', async () => {
    const first = await start();
    await first.stop();
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      stdio: 'ignore',
      // The same user as the server's, so that Postgres alone would believe the file.
      ...(process.getuid?.() === 0 ? statSync(join(dataDir, 'server', 'data')) : {}),
    });
    await once(stranger, 'spawn');
    try {
      const data = join(dataDir, 'server', 'data');
      writeFileSync(pidFile(), [stranger.pid, data, 0, portOf(first), '', '127.0.0.1', '', 'ready   ', ''].join('\n'));
      const second = await start();
      expect(second.reused).toBe(false);
      await query(second.url, (sql) => sql`select 1`);
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  test('a port that somebody took meanwhile is not waited for', async () => {
    const first = await start();
    await first.stop();
    const squatter = createServer().listen(portOf(first), '127.0.0.1');
    await once(squatter, 'listening');
    try {
      const second = await start();
      expect(portOf(second)).not.toBe(portOf(first));
      await query(second.url, (sql) => sql`select 1`);
    } finally {
      squatter.close();
    }
  });

  test('only the owner may read the password, and nobody gets in without it', async () => {
    const server = await start();
    expect(statSync(join(dataDir, 'server', 'password')).mode & 0o777).toBe(0o600);
    const wrong = new URL(server.url);
    wrong.password = 'guessed';
    await expect(query(wrong.href, (sql) => sql`select 1`)).rejects.toThrow('password authentication failed');
  });

  test.runIf(process.platform === 'linux')('its server is not root', async () => {
    await start();
    const uid = execFileSync('stat', ['-c', '%u', `/proc/${serverPid()}`], { encoding: 'utf8' }).trim();
    expect(uid).not.toBe('0');
  });
});
