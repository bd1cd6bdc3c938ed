import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseLaunchEnv } from '@/lib/env';
import { ensureKeyPair } from '@/lib/saml/keys';
import { openHealthPort, withHealth } from '@/scripts/serve/health';
import { freePort } from '../support/free-port';

// An app in which everything waits for ever.
const server = createServer(withHealth(() => {})).listen(0, '127.0.0.1');
const get = (path: string, method = 'GET') =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
    method,
    signal: AbortSignal.timeout(2_000),
  });

beforeAll(async () => {
  if (!server.listening) await once(server, 'listening');
  await ensureKeyPair();
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

test('a process that is busy says that it lives, and whether it can work', async () => {
  const [live, ready] = await Promise.all([get('/api/health/live'), get('/api/health/ready')]);
  expect([live.status, await live.json()]).toEqual([200, { status: 'ok' }]);
  expect(live.headers.get('cache-control')).toBe('no-store');
  expect([ready.status, (await ready.json()).database]).toEqual([200, 'ok']);
});

test('one that stops says so', async () => {
  globalThis.rollcallStopping = true;
  const ready = await get('/api/health/ready').finally(() => {
    globalThis.rollcallStopping = undefined;
  });
  expect([ready.status, (await ready.json()).process]).toEqual([503, 'stopping']);
});

test('all else is the app’s', async () => {
  for (const [path, method] of [
    ['/api/health/live', 'POST'],
    ['/api/health/live/x', 'GET'],
  ])
    await expect(get(String(path), String(method))).rejects.toThrow('timeout');
});

test('at a port of its own health answers, and nothing else does', async () => {
  const port = await freePort();
  const given = parseLaunchEnv({ NODE_ENV: 'production', HOST: '127.0.0.1', HEALTH_PORT: String(port) });
  await openHealthPort(given);
  const at = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { method });
  expect((await at('/api/health/live', 'HEAD')).status).toBe(200);
  expect(await (await at('/api/health/ready')).json()).toMatchObject({ status: 'ok', database: 'ok' });
  for (const [path, method] of [
    ['/', 'GET'],
    ['/sign-in', 'GET'],
    ['/api/metrics', 'GET'],
    ['/api/health/live', 'POST'],
  ])
    expect((await at(String(path), method)).status).toBe(404);
  await expect(openHealthPort(given)).rejects.toThrow(`Port ${port} is taken. Set HEALTH_PORT to another one.`);
});
