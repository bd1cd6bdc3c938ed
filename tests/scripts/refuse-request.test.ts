import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { refuseRequest } from '@/scripts/serve/refuse-request';

const OURS = 'https://rollcall.example:8443';

/** Sends these bytes as they are. Answers the status, 200 for what is let through, and what else was said. */
async function sent(head: string, origin: string | null = null): Promise<{ status: number; said: string }> {
  const server = createServer((request, response) => {
    if (!refuseRequest(request, response, origin)) response.end('let through');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`${head}\r\nConnection: close\r\n\r\n`);
  const said = await text(socket);
  server.close();
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1]), said };
}
const asked = async (path: string) => (await sent(`GET ${path} HTTP/1.1\r\nHost: x`)).status;

describe('an address', () => {
  test.each([
    '/',
    '/sign-in?next=%2F%2E%2E//x;y%00',
    '/invitations/a-b_C.d~e',
    '/_next/static/chunks/%5Broot%5D-1a.js',
    '/api/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User',
    '/api/scim/v2/Users/a%40b',
  ])('that is read in one way goes on: %s', async (path) => {
    expect(await asked(path)).toBe(200);
  });

  test.each([
    '//administration',
    '/administration//access',
    '/x/../administration',
    '/_next/static/../../administration',
    '/./administration',
    '/administration/.',
    '/%2e%2e/administration',
    '/administration%2Faccess',
    '/administration%5Caccess',
    '/administration\\access',
    '/administration;x',
    '/administration%3bx',
    '/%2561dministration',
    '/administration%00',
    '/administration%0d%0aset-cookie:x=1',
    '/%',
    '/%zz',
    'http://evil.example/administration',
    '*',
  ])('that can be read in two ways is none: %s', async (path) => {
    expect(await asked(path)).toBe(404);
  });
});

test.each(['TRACE', 'PROPFIND', 'SEARCH', 'PURGE', 'M-SEARCH', 'LINK'])('nobody is asked by %s', async (method) => {
  const { status, said } = await sent(`${method} /api/v1/users HTTP/1.1\r\nHost: x`);
  expect([status, /^allow: GET, HEAD, POST, PUT/im.test(said)]).toEqual([405, true]);
});

test('a machine is refused in the words of the door that it asked', async () => {
  const refused = async (path: string) =>
    (await sent(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000`)).said.toLowerCase();
  expect(await refused('/api/v1/invitations')).toMatch(
    /^http\/1.1 413 .*content-type: application\/problem\+json.*"code":"too-large"/s,
  );
  expect(await refused('/api/scim/v2/Users')).toMatch(
    /^http\/1.1 413 .*content-type: application\/scim\+json.*"status":"413"/s,
  );
  expect(await refused('/sign-in')).toMatch(/^http\/1.1 413 .*content-type: text\/html.*<h1>/s);
});

test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'])('machines alone are asked by %s', async (method) => {
  const { status, said } = await sent(`${method} /sign-in HTTP/1.1\r\nHost: x`);
  expect([status, /^allow: GET, HEAD, POST\r$/im.test(said)]).toEqual([405, true]);
  expect((await sent(`${method} /api/scim/v2/Users HTTP/1.1\r\nHost: x`)).status).toBe(200);
});

describe('a host', () => {
  test.each([
    'rollcall.example',
    'rollcall.example:8443',
    'ROLLCALL.example',
    'localhost:3000',
    '127.0.0.1',
    '[::1]:3000',
  ])('that is ours is answered: %s', async (host) => {
    expect((await sent(`GET / HTTP/1.1\r\nHost: ${host}`, OURS)).status).toBe(200);
  });

  test.each(['evil.example', 'rollcall.example.evil.example', 'rollcall.example@evil.example', 'a b', ''])(
    'that is not is told ours: %s',
    async (host) => {
      const { status, said } = await sent(`GET /sign-in HTTP/1.1\r\nHost: ${host}`, OURS);
      expect([status, said.includes(`href="${OURS}"`), said.includes('evil')]).toEqual([421, true, false]);
    },
  );

  test('is whatever leads here where nobody has said which is ours', async () => {
    expect((await sent('GET / HTTP/1.1\r\nHost: 192.0.2.1:3000')).status).toBe(200);
  });

  test('is the one that our proxy was asked for', async () => {
    const through = (name: string) => sent(`GET / HTTP/1.1\r\nHost: app-1\r\nX-Forwarded-Host: ${name}`, OURS);
    expect((await through('rollcall.example')).status).toBe(200);
    expect((await through('evil.example')).status).toBe(421);
  });

  test.each(['localhost/x', 'localhost?', 'localhost#', 'ada@localhost', 'rollcall.example\\x'])(
    'is a name and no more of an address: %s',
    async (host) => {
      for (const origin of [OURS, null])
        expect((await sent(`GET / HTTP/1.1\r\nHost: ${host}`, origin)).status).toBe(400);
    },
  );

  test('may be any for probes, and is never two', async () => {
    expect((await sent('GET /api/health/ready HTTP/1.1\r\nHost: 10.0.0.7', OURS)).status).toBe(200);
    expect((await sent('GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example', OURS)).status).toBe(400);
  });
});

describe('a body', () => {
  const posted = async (path: string, header: string) =>
    (await sent(`POST ${path} HTTP/1.1\r\nHost: x\r\n${header}`)).status;

  test('that is longer than any door takes is not waited for', async () => {
    expect(await posted('/sign-in', 'Content-Length: 4000001')).toBe(413);
    expect(await posted('/api/v1/users', 'Content-Length: 4000001')).toBe(413);
  });

  test('says how long it is, but to the doors that count', async () => {
    for (const path of ['/sign-in', '/api/auth/signin', '/administration/access/users/import'])
      expect([path, await posted(path, 'Transfer-Encoding: chunked')]).toEqual([path, 411]);
    for (const path of ['/api/v1/users', '/api/scim/v2/Users', '/api/saml/acme/acs'])
      expect([path, await posted(path, 'Transfer-Encoding: chunked')]).toEqual([path, 200]);
  });
});
