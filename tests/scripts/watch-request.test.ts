import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { doingNow, noteActor } from '@/lib/observe/doing';
import { logLines } from '@/lib/observe/log';
import { watchRequest } from '@/scripts/serve/watch-request';

const shared = globalThis as { rollcallLog?: unknown };
const out = vi.spyOn(logLines, 'out');
beforeEach(() => {
  delete shared.rollcallLog;
  process.env.LOG_FORMAT = 'json';
  process.env.LOG_LEVEL = 'info';
  out.mockReset().mockImplementation(() => {});
});
afterEach(() => {
  delete shared.rollcallLog;
});
const lines = () => out.mock.calls.map(([line]) => JSON.parse(line));

async function serving(trustedProxies: number, answer: RequestListener) {
  const server = createServer((request, response) =>
    watchRequest(request, response, trustedProxies, () => answer(request, response)),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    await response.text();
    return response.headers.get('x-request-id');
  };
  return { server, port, ask, logged: () => vi.waitUntil(() => lines().length > 0) };
}

test('each request has an id, which is answered, and a line at its end', async () => {
  const { server, ask, logged } = await serving(0, (_, response) => {
    noteActor({ tenantId: 'acme', actorId: 'ada' });
    response.writeHead(404).end(doingNow()?.requestId);
  });
  const id = await ask('/administration/access/users/0197b7ad-5c1e-7000-8000-000000000001?q=ada@acme.example');
  await logged();
  server.close();
  expect(lines()).toMatchObject([
    {
      level: 'info',
      requestId: id,
      method: 'GET',
      route: '/administration/access/users/[userId]',
      status: 404,
      ms: expect.any(Number),
      tenantId: 'acme',
      actorId: 'ada',
    },
  ]);
  expect(JSON.stringify(lines())).not.toContain('ada@acme');
});

test('a link’s token is not logged, nor what is in no table', async () => {
  const { server, ask } = await serving(0, (_, response) => void response.end());
  await ask('/invitations/a-secret-token');
  await ask('/wp-login.php?x=a-secret-token');
  await vi.waitUntil(() => lines().length === 2);
  server.close();
  expect(lines().map(({ route }) => route)).toEqual(['/invitations/[token]', 'unlisted']);
  expect(JSON.stringify(lines())).not.toContain('a-secret-token');
});

test('a proxy of ours may give the id; a stranger may not', async () => {
  const given = { 'x-request-id': 'proxy-0123456789' };
  const trusting = await serving(1, (_, response) => void response.end());
  expect(await trusting.ask('/profile', given)).toBe('proxy-0123456789');
  expect(await trusting.ask('/profile', { 'x-request-id': '{"level":"info"}' })).toMatch(/^[0-9a-f-]{36}$/);
  trusting.server.close();
  const open = await serving(0, (_, response) => void response.end());
  expect(await open.ask('/profile', given)).toMatch(/^[0-9a-f-]{36}$/);
  open.server.close();
});

test('a request whose client went away is logged as cut', async () => {
  const { server, port, logged } = await serving(0, (_, response) => void response.write('half'));
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /profile HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');
  socket.destroy();
  await logged();
  server.close();
  expect(lines()).toMatchObject([{ route: '/profile', cut: true }]);
});

test('a request whose client went away before any answer has no status of ours', async () => {
  const { server, port, logged } = await serving(0, () => {});
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /profile HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(server, 'request');
  socket.destroy();
  await logged();
  server.close();
  expect(lines()).toMatchObject([{ route: '/profile', status: 499, cut: true }]);
});

test('what machines ask every few seconds is told only where it is asked for', async () => {
  const { server, ask } = await serving(0, (_, response) => void response.end());
  await ask('/api/health/ready');
  await ask('/_next/static/x.js');
  await ask('/profile');
  await vi.waitUntil(() => lines().length > 0);
  server.close();
  expect(lines().map(({ route }) => route)).toEqual(['/profile']);
});
