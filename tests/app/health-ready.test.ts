import { statfs } from 'node:fs/promises';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { GET } from '@/app/api/health/ready/route';
import { db, disconnect } from '@/db/client';
import { env } from '@/lib/env';
import { ensureKeyPair } from '@/lib/saml/keys';
import { smtpSink } from '../support/smtp-sink';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return { ...real, statfs: vi.fn(real.statfs) };
});

const TOKEN = 'a-token-of-the-tests-which-nobody-knows';
const given = { ...env() };
let clock = Date.now();

beforeAll(ensureKeyPair);
beforeEach(() => {
  // Each test looks anew.
  vi.useFakeTimers({ toFake: ['Date'] });
  clock += 61_000;
  vi.setSystemTime(clock);
  env().METRICS_TOKEN = TOKEN;
});
afterEach(async () => {
  if (env().DATABASE_URL !== given.DATABASE_URL) await disconnect();
  Object.assign(env(), given);
  globalThis.rollcallStopping = undefined;
});
afterAll(() => vi.useRealTimers());

async function ask(authorization = '') {
  const response = await GET(new Request('http://rollcall.test/api/health/ready', { headers: { authorization } }));
  return { status: response.status, told: await response.json() };
}
const asOperator = () => ask(`Bearer ${TOKEN}`);

test('a process that can do its work says so', async () => {
  const sink = await smtpSink();
  env().SMTP_URL = sink.url;
  expect(await ask()).toEqual({
    status: 200,
    told: { status: 'ok', database: 'ok', keys: 'ok', clock: 'ok', disk: 'ok', mail: 'ok' },
  });
  await sink.stop();
});

test('a mail server that takes no mail is a warning: mail waits, and nothing else does', async () => {
  const { status, told } = await ask();
  expect(status).toBe(200);
  expect(told).toMatchObject({ status: 'ok', mail: 'its server takes no mail' });
  expect(JSON.stringify(told), 'to strangers no address').not.toContain('127.0.0.1');
  clock += 61_000;
  vi.setSystemTime(clock);
  expect((await asOperator()).told.details.mail).toContain('ECONNREFUSED');
});

test('without its database it is not ready, and strangers are not told where that is', async () => {
  await disconnect();
  env().DATABASE_URL = 'postgres://nobody:secret@127.0.0.1:1/nowhere';
  const { status, told } = await asOperator();
  expect([status, told.status, told.database]).toEqual([503, 'unavailable', 'unreachable']);
  expect(told.details.database).toContain('ECONNREFUSED');
  expect(JSON.stringify(told)).not.toContain('secret');
  expect((await ask()).told.details).toBeUndefined();
  expect((await ask('Bearer wrong')).told.details).toBeUndefined();
});

test('a schema that is older than the program is named', async () => {
  const taken = await db.execute<{ hash: string; created_at: string }>(
    sql`delete from drizzle.__drizzle_migrations where created_at = (select max(created_at) from drizzle.__drizzle_migrations) returning hash, created_at`,
  );
  const { status, told } = await asOperator();
  for (const { hash, created_at } of taken)
    await db.execute(sql`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${created_at})`);
  expect([status, told.database]).toEqual([503, 'its schema is older than the program']);
  expect(told.details.database).toMatch(/lacks the migration \d{4}_\w+/);
});

test('keys that do not open what is sealed keep the process out', async () => {
  env().SEALING_KEY = Buffer.alloc(32, 9).toString('base64');
  const { status, told } = await asOperator();
  expect([status, told.keys]).toEqual([503, 'do not open what is sealed']);
  expect(told.details.keys).toContain('SEALING_KEY');
});

test('a disk that is nearly full is a warning', async () => {
  vi.mocked(statfs).mockResolvedValueOnce({ bavail: 100, blocks: 1_000_000, bsize: 4096 } as never);
  const { status, told } = await asOperator();
  expect([status, told.disk]).toEqual([200, 'nearly full']);
  expect(told.details.disk).toMatch(/^0 MiB are left for \/.*\.$/);
});

test('a process that is about to stop says so first', async () => {
  globalThis.rollcallStopping = true;
  expect(await ask()).toEqual({ status: 503, told: { status: 'unavailable', process: 'stopping' } });
});

test('however many ask, it looks once a second', async () => {
  const { rollcallMetrics } = globalThis as unknown as {
    rollcallMetrics: typeof import('@/lib/observe/metrics').metrics;
  };
  const selects = async () =>
    (await rollcallMetrics.queries.get()).values.find(
      ({ metricName, labels }) => metricName?.endsWith('_count') && labels.operation === 'select',
    )?.value ?? 0;
  const before = await selects();
  await Promise.all(Array.from({ length: 50 }, () => ask()));
  expect((await selects()) - before).toBeLessThanOrEqual(3);
});

test('a clock that is not the database’s is named: deeds dated by it would count as made up', async () => {
  vi.setSystemTime(clock + 7_200_000);
  const { status, told } = await asOperator();
  expect([status, told.clock]).toEqual([503, 'is not that of the database']);
  expect(told.details.clock).toContain('seconds away');
  vi.setSystemTime(clock);
  expect((await ask()).told.clock, 'and well as soon as it is set right').toBe('ok');
});
