import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { within } from '@/scripts/serve/bounds';

type Waiting = { request: IncomingMessage; response: ServerResponse; finish: (words?: string) => void };

let stop = () => {};
afterEach(() => stop());

/** A server whose requests are answered when the test says so. */
async function bounded(most: number, waitMs = 60_000) {
  const waiting: Waiting[] = [];
  const page = { html: '<h1>Busy</h1>', headers: { 'content-type': 'text/html', 'x-of': 'the page' } };
  const handle = within({ most, waitMs }, page, (request, response) => {
    if (request.url === '/api/health/live' || request.url === '/api/metrics')
      return Promise.resolve(void response.end('alive'));
    return new Promise<void>((done) => {
      const finish = (words = 'done') => {
        response.setHeader('x-late', 'yes');
        response.writeHead(200);
        response.write(words);
        response.end();
        done();
      };
      waiting.push({ request, response, finish });
    });
  });
  const server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stop = () => {
    server.close();
    server.closeAllConnections();
  };
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { waiting, get: (path: string, init?: RequestInit) => fetch(origin + path, init) };
}

const areWaiting = (waiting: Waiting[], count: number) => expect.poll(() => waiting.length).toBe(count);

test('beyond as many requests as a process takes on, one is refused at once and told when to come again', async () => {
  const { waiting, get } = await bounded(2);
  const served = [get('/a'), get('/b')];
  await areWaiting(waiting, 2);
  const refused = await get('/c');
  expect([refused.status, await refused.text()]).toEqual([503, '<h1>Busy</h1>']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect([refused.headers.get('cache-control'), refused.headers.get('x-of')]).toEqual(['no-store', 'the page']);
  const machine = await get('/api/scim/v2/Users');
  expect([machine.headers.get('content-type'), await machine.json()]).toEqual([
    'application/scim+json; charset=utf-8',
    expect.objectContaining({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '503' }),
  ]);
  const program = await get('/api/v1/users');
  expect([program.headers.get('content-type'), await program.json()]).toEqual([
    'application/problem+json',
    expect.objectContaining({ title: 'Unavailable', status: 503, code: 'unavailable', detail: expect.any(String) }),
  ]);
  expect(await (await get('/api/saml/acme/acs', { method: 'POST' })).text()).toBe('<h1>Busy</h1>');
  for (const path of ['/api/health/live', '/api/metrics']) expect(await (await get(path)).text()).toBe('alive');

  for (const { finish } of waiting) finish();
  expect(await Promise.all(served.map(async (answer) => (await answer).status))).toEqual([200, 200]);
  const next = get('/d');
  await areWaiting(waiting, 3);
  waiting[2]?.finish();
  expect((await next).status).toBe(200);
});

test('a request whose client has left counts for as long as its work goes on', async () => {
  const { waiting, get } = await bounded(1);
  const leaving = new AbortController();
  const left = get('/a', { signal: leaving.signal }).catch(() => 'left');
  await areWaiting(waiting, 1);
  leaving.abort();
  expect(await left).toBe('left');
  expect((await get('/b')).status).toBe(503);
  waiting[0]?.finish();
  const next = get('/c');
  await areWaiting(waiting, 2);
  waiting[1]?.finish();
  expect((await next).status).toBe(200);
});

test('a request that takes too long is answered so, and what is said afterwards is not heard', async () => {
  const { waiting, get } = await bounded(1, 50);
  const answer = await get('/slow');
  expect([answer.status, await answer.text()]).toEqual([503, '<h1>Busy</h1>']);
  waiting[0]?.finish('too late');
  const next = get('/next');
  await areWaiting(waiting, 2);
  waiting[1]?.finish();
  expect(await (await next).text()).toBe('done');
});

test('an answer that has begun is not cut off', async () => {
  const { waiting, get } = await bounded(1, 50);
  const answering = get('/long');
  await areWaiting(waiting, 1);
  waiting[0]?.response.write('first ');
  await new Promise((resolve) => setTimeout(resolve, 120));
  waiting[0]?.response.end('last');
  const answer = await answering;
  expect([answer.status, await answer.text()]).toEqual([200, 'first last']);
});
