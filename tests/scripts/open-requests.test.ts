import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openRequests } from '@/scripts/open-requests';

async function serving(listener: RequestListener) {
  const server = createServer(listener);
  const requests = openRequests(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function dial(server: Server, first: string): Promise<Socket> {
  const socket = connect(portOf(server), '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {});
  socket.write(first);
  return socket;
}

test('a request under way is answered, and no new one is taken', async () => {
  const { requests, server, url } = await serving(() => {});
  const asked = fetch(url).then((response) => response.text());
  const [, response] = await once(server, 'request');
  const finished = requests.finish(5_000);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
  response.end('whole');
  expect(await asked).toBe('whole');
  await finished;
});

test('a request that does not end is cut when its time is up', async () => {
  const { requests, server } = await serving(() => {});
  const socket = await dial(server, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(server, 'request');
  const began = Date.now();
  await Promise.all([requests.finish(200), once(socket, 'close')]);
  expect(Date.now() - began).toBeGreaterThanOrEqual(200);
});

test('connections that are only kept open, and web sockets, are not waited for', async () => {
  const { requests, server } = await serving((_, response) => response.end('ok'));
  server.on('upgrade', (_, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  const idle = await dial(server, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n');
  await once(idle, 'data');
  const upgraded = await dial(server, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await once(upgraded, 'data');
  const began = Date.now();
  await Promise.all([requests.finish(5_000), once(idle, 'close'), once(upgraded, 'close')]);
  expect(Date.now() - began).toBeLessThan(1_000);
});
