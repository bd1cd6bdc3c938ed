import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EmbeddedPostgres } from '@/db/embedded';
import { keepDatabase } from '@/scripts/serve/keep-database';

let dataDir = '';
let kept: EmbeddedPostgres;
const said: string[] = [];

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'rollcall-keep-'));
  chmodSync(dataDir, 0o755);
  kept = await keepDatabase({ dataDir, settings: { shared_buffers: '16MB' } }, (line) => said.push(line));
});
afterEach(async () => {
  await kept.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const serverPid = () => Number(readFileSync(join(dataDir, 'server', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);

test('a database server that is killed is started again at its old address, with everything that was committed', async () => {
  const sql = postgres(kept.url, { max: 1, onnotice: () => {}, connect_timeout: 2 });
  await sql`create table kept (word text)`;
  await sql`insert into kept values ('stays')`;
  for (let times = 0; times < 2; times++) {
    const pid = serverPid();
    process.kill(pid, 'SIGKILL');
    // Its own processes go on for a moment after it, and answer.
    await expect.poll(() => said.length, { timeout: 30_000 }).toBe(times + 1);
    await expect
      .poll(() => sql`select word from kept`.catch(() => []), { timeout: 30_000 })
      .toMatchObject([{ word: 'stays' }]);
    await expect.poll(serverPid, { timeout: 30_000 }).not.toBe(pid);
  }
  expect(said).toEqual(Array(2).fill('The embedded database ended by itself; it is started again.'));
  await sql.end();
});

test('one that somebody else had started is started again too, once they are gone with it', async () => {
  const other = await keepDatabase({ dataDir }, () => {});
  expect(other).toMatchObject({ reused: true, url: kept.url });
  const pid = serverPid();
  await kept.stop();
  const sql = postgres(other.url, { max: 1, connect_timeout: 2 });
  await expect.poll(() => sql`select 1 as n`.catch(() => []), { timeout: 30_000 }).toMatchObject([{ n: 1 }]);
  expect(serverPid()).not.toBe(pid);
  await sql.end();
  await other.stop();
});

test('a stop is a stop: it is not started again', async () => {
  const pid = serverPid();
  await kept.stop();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  const sql = postgres(kept.url, { max: 1, connect_timeout: 1 });
  await expect(sql`select 1`).rejects.toThrow('ECONNREFUSED');
  await sql.end();
});
