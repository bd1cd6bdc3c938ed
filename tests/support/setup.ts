import { afterAll, afterEach, beforeEach, expect, inject, vi } from 'vitest';
import { cloneDatabase } from './database';

/** Each test file has a database of its own; each test its own tenants. */
const name = `test_${process.env.VITEST_POOL_ID}_${Date.now().toString(36)}`;

process.env.AUTH_SECRET = 'a secret of the tests, long enough to be one';
process.env.SEALING_KEY = Buffer.alloc(32, 7).toString('base64');
process.env.SMTP_URL = 'smtp://127.0.0.1:1';
process.env.APP_URL = 'http://rollcall.test';
process.env.DATABASE_URL = await cloneDatabase(inject('clusterUrl'), name);

/** What a test expects on the error log; anything else there fails it. */
const logged = vi.spyOn(console, 'error');
beforeEach(() => {
  logged.mockReset();
});
afterEach(() => {
  expect(logged, 'an unexpected line on the error log').not.toHaveBeenCalled();
});

afterAll(async () => {
  const { disconnect } = await import('@/db/client');
  await disconnect();
});
