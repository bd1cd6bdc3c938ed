import { once } from 'node:events';
import { Agent, request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { scimExchanges } from '@/db/schema/scim';
import { ruleFor } from '@/lib/auth/route-access';
import { DOORS, withMachines } from '@/scripts/serve/machines';
import { newKey } from '../support/api';
import { cast } from '../support/cast';
import { newClient } from '../support/scim';

const answer = withMachines(async ({ url }, response) => void response.end(`the app: ${url}`));
const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
const at = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

beforeAll(async () => {
  if (!server.listening) await once(server, 'listening');
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const withToken = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' });

describe('ahead of the framework', () => {
  test('an identity provider makes a person, finds them, and is told their version', async () => {
    const { acme } = await cast();
    const { token } = await newClient(acme.tenant);
    const headers = withToken(token);
    const body = JSON.stringify({ userName: 'nora@acme.example', name: { givenName: 'Nøra' } });
    const made = await fetch(at('/api/scim/v2/Users'), { method: 'POST', headers, body });
    const resource = await made.json();
    expect([made.status, made.headers.get('content-type')]).toEqual([201, 'application/scim+json; charset=utf-8']);
    expect(resource.name.givenName).toBe('Nøra');
    expect(made.headers.get('content-length')).toBe(String(Buffer.byteLength(JSON.stringify(resource))));
    const read = () => fetch(at(`/api/scim/v2/Users/${resource.id}`), { headers });
    expect((await read()).headers.get('etag')).toBe(made.headers.get('etag'));
    const head = await fetch(at(`/api/scim/v2/Users/${resource.id}`), { method: 'HEAD', headers });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const removed = await fetch(at(`/api/scim/v2/Users/${resource.id}`), { method: 'DELETE', headers });
    expect([removed.status, await removed.text()]).toEqual([204, '']);
    expect((await read()).status).toBe(404);
  });

  test('a key reads the API, and without one nothing is told', async () => {
    const { acme } = await cast();
    const { token } = await newKey(acme.ada);
    const people = await fetch(at('/api/v1/users'), { headers: withToken(token) });
    expect([people.status, people.headers.get('content-type')]).toEqual([200, 'application/json']);
    for (const path of ['/api/v1', '/api/v1/users', '/api/scim/v2', '/api/scim/v2/Users'])
      expect((await fetch(at(path))).status).toBe(401);
  });

  test('a body without end is refused, and the connection is not held by it', async () => {
    const { acme } = await cast();
    const { token } = await newClient(acme.tenant);
    const request = ask(at('/api/scim/v2/Users'), { method: 'POST', headers: withToken(token) });
    request.on('error', () => {});
    const more = setInterval(() => request.write(' '.repeat(65_536)), 1);
    const [response] = await once(request, 'response');
    clearInterval(more);
    expect([response.statusCode, await text(response)]).toEqual([413, expect.stringContaining('several requests')]);
    request.end();
    await once(request, 'close');
  });
});

test('a body that nobody has read holds up no later request of its connection', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const sent = (path: string, body?: string) =>
    new Promise<(number | undefined)[]>((resolve, reject) => {
      const options = { agent, method: body ? 'POST' : 'GET', headers: withToken('rcscim_none'), timeout: 5_000 };
      const request = ask(at(path), options, (response) => {
        const told = [response.statusCode, response.socket.localPort];
        text(response).then(() => resolve(told), reject);
      });
      request.on('error', reject).on('timeout', () => request.destroy(new Error('no answer')));
      request.end(body);
    });
  const [status, port] = await sent('/api/scim/v2/Users', ' '.repeat(400_000));
  expect([status, await sent('/api/scim/v2/Users')]).toEqual([401, [401, port]]);
  agent.destroy();
});

test('whoever leaves in the middle of a body that nobody reads is no failure of ours', async () => {
  const answered: Promise<void>[] = [];
  const watched = createServer((request, response) => answered.push(answer(request, response))).listen(0, '127.0.0.1');
  await once(watched, 'listening');
  const { port } = watched.address() as AddressInfo;
  const { token } = await newClient((await cast()).acme.tenant);
  const headers = { ...withToken(token), 'content-type': 'text/plain', 'content-length': '1000000' };
  const request = ask({ port, path: '/api/scim/v2/Users', method: 'POST', headers }).on('error', () => {});
  request.flushHeaders();
  await once(watched, 'request');
  request.destroy();
  expect(await Promise.allSettled(answered)).toEqual([{ status: 'fulfilled', value: undefined }]);
  watched.close();
});

test('nor is whoever leaves while their body is read: it is noted as a request that was not whole', async () => {
  const answered: Promise<void>[] = [];
  const watched = createServer((request, response) => answered.push(answer(request, response))).listen(0, '127.0.0.1');
  await once(watched, 'listening');
  const { port } = watched.address() as AddressInfo;
  const { acme } = await cast();
  const [client, key] = [await newClient(acme.tenant), await newKey(acme.ada)];
  for (const [path, { token }] of [
    ['/api/scim/v2/Users', client],
    ['/api/v1/invitations', key],
  ] as const) {
    const headers = { ...withToken(token), 'content-length': '1000000' };
    const request = ask({ port, path, method: 'POST', headers }).on('error', () => {});
    request.write('{"userName":');
    await once(watched, 'request');
    setTimeout(() => request.destroy(), 50);
    await Promise.all(answered);
  }
  const noted = await db
    .select({ status: scimExchanges.status, meaning: scimExchanges.meaning })
    .from(scimExchanges)
    .where(eq(scimExchanges.tenantId, acme.tenant.id));
  expect(noted).toEqual([{ status: 400, meaning: 'Refused: The body was broken off.' }]);
  watched.close();
});

test('the address is the one that was asked for, whatever host is named', async () => {
  const { acme } = await cast();
  const { token } = await newKey(acme.ada);
  for (const host of ['elsewhere.test/x', 'localhost?', `localhost/api/v1/users/${acme.sam.id}?`, 'a@localhost']) {
    const request = ask(at('/api/v1/users'), { headers: { ...withToken(token), host } }).end();
    const [response] = await once(request, 'response');
    expect([host, response.statusCode, JSON.parse(await text(response))]).toEqual([
      host,
      200,
      expect.objectContaining({ data: expect.any(Array) }),
    ]);
  }
});

test('a long answer is compressed for whoever takes it so', async () => {
  const { acme } = await cast();
  const { token } = await newKey(acme.ada);
  const bytes = async (encoding: string) => {
    const request = ask(at('/api/v1/users'), { headers: { ...withToken(token), 'accept-encoding': encoding } }).end();
    const [response] = await once(request, 'response');
    return { encoding: response.headers['content-encoding'], body: await buffer(response) };
  };
  const [plain, zipped] = [await bytes('identity'), await bytes('gzip, br')];
  expect([plain.encoding, zipped.encoding]).toEqual([undefined, 'gzip']);
  expect(gunzipSync(zipped.body).toString()).toBe(plain.body.toString());
});

test('all else is the app’s: pages, what only begins alike, and what everybody may read', async () => {
  for (const path of [
    '/',
    '/administration/access/users',
    '/api/health/live',
    '/api/scim/v2x',
    '/api/v1x/users',
    '/api/v1/openapi.json',
    '/api/v1/users/',
    '/api/scim/v2/Users/',
    '/api/saml/acme/metadata?x=/api/v1/users',
  ])
    expect(await (await fetch(at(path))).text()).toBe(`the app: ${path}`);
  const options = await fetch(at('/api/scim/v2/Users'), { method: 'OPTIONS' });
  expect(await options.text()).toBe('the app: /api/scim/v2/Users');
});

test('what is answered ahead of the gate is what the gate would let through unseen', () => {
  for (const base of Object.keys(DOORS))
    for (const path of [base, `${base}/users/1`]) expect([path, ruleFor(path)?.access]).toEqual([path, 'bearer']);
});
