import { once } from 'node:events';
import { Agent, createServer, get, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openRequests } from '@/scripts/serve/open-requests';

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

test('while it drains, requests are answered, and each ends its connection', async () => {
  const { requests, server, url } = await serving((_, response) => response.end('ok'));
  const before = await dial(server, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n');
  await once(before, 'data');
  const drained = requests.drain(300);
  before.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n');
  const [answer] = await once(before, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1.1 200 [\s\S]*\r\nConnection: close\r\n/i);
  expect((await fetch(url)).headers.get('connection')).toBe('close');
  await drained;
  await requests.finish(1_000);
});

test('under load, nobody who turns away when told is refused or cut', async () => {
  const { requests, server } = await serving((_, response) => void setTimeout(() => response.end('whole'), 5));
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let answers = 0;
  const client = async () => {
    for (let told = false; !told; answers++) told = await isToldToGo(portOf(server), agent);
  };
  const clients = Promise.all(Array.from({ length: 8 }, client));
  await sleep(200);
  await requests.drain(200);
  await requests.finish(5_000);
  await clients;
  agent.destroy();
  expect(answers).toBeGreaterThan(16);
});

/** Whether the answer ends its connection. One that is not whole is thrown. */
const isToldToGo = (port: number, agent: Agent): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const request = get({ port, host: '127.0.0.1', agent }, async (response) => {
      const body = await text(response).catch(String);
      if (body === 'whole') resolve(response.headers.connection === 'close');
      else reject(new Error(body));
    });
    request.on('error', reject);
  });
