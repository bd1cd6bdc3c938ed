import 'next/dist/server/node-environment-baseline';
import { afterAll, afterEach, beforeEach, expect, inject, vi } from 'vitest';
import { logLines } from '@/lib/observe/log';
import { cloneDatabase, dropDatabase } from './database';

/** Each test file has a database of its own; each test its own tenants. */
const name = `test_${process.pid}_${process.env.VITEST_POOL_ID}_${Date.now().toString(36)}`;

process.env.AUTH_SECRET = 'a secret of the tests, long enough to be one';
process.env.SEALING_KEY = Buffer.alloc(32, 7).toString('base64');
process.env.SMTP_URL = 'smtp://127.0.0.1:1';
process.env.APP_URL = 'http://rollcall.test';
process.env.DATABASE_URL = await cloneDatabase(inject('clusterUrl'), name);

process.env.LOG_FORMAT = 'pretty';
process.env.LOG_LEVEL = 'error';
const logged = [vi.spyOn(console, 'error'), vi.spyOn(logLines, 'error')];
let expected: RegExp[] = [];

/** The line that this test wants on the error log, and that must come. Any other line there fails a test. */
export function expectConsoleError(line: RegExp): void {
  if (expected.length === 0) for (const way of logged) way.mockImplementation(() => {});
  expected.push(line);
}

beforeEach(() => {
  expected = [];
});

afterEach(() => {
  const lines = logged.flatMap((way) => way.mock.calls.map((words: unknown[]) => words.map(String).join(' ')));
  for (const way of logged) way.mockReset();
  const isExpected = (line: string) => expected.some((pattern) => pattern.test(line));
  expect(
    lines.filter((line) => !isExpected(line)),
    'unexpected lines on the error log',
  ).toEqual([]);
  const missing = expected.filter((pattern) => !lines.some((line) => pattern.test(line)));
  expect(missing, 'lines that did not come on the error log').toEqual([]);
});

afterAll(async () => {
  const { disconnect } = await import('@/db/client');
  await disconnect();
  await dropDatabase(inject('clusterUrl'), name);
});
