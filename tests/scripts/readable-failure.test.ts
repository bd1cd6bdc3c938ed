import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGzip } from 'node:zlib';
import { expect, test } from 'vitest';
import { isOutOfReach, noteIfOutOfReach } from '@/db/out-of-reach';
import { readableFailure } from '@/scripts/serve/readable-failure';

const PAGE = '<h1>Something went wrong</h1>';
const POLICY = "default-src 'none'";

async function answerOf(listener: RequestListener, path = '/', headers: Record<string, string> = {}, status = 500) {
  const server = createServer((request, response) => {
    readableFailure(response, () => ({
      status,
      html: PAGE,
      headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY },
    }));
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { headers });
  const body = await response.text();
  server.close();
  return { status: response.status, body, policy: response.headers.get('content-security-policy') };
}

const failing = (send: RequestListener): RequestListener => {
  return (request, response) => {
    response.statusCode = 500;
    response.setHeader('content-type', 'text/html; charset=utf-8');
    send(request, response);
  };
};

test.each<[string, RequestListener]>([
  ['in one piece', (_, response) => void response.end('<html id="__next_error__">')],
  [
    'in pieces',
    (_, response) => {
      response.write('<html id="__next_error__">');
      response.write('<body></body>');
      response.end();
    },
  ],
  [
    'compressed',
    (_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.writeHead(500);
      const gzip = createGzip();
      gzip.pipe(response);
      gzip.end('<html id="__next_error__">');
    },
  ],
])('a page that failed is readable without scripts, sent %s', async (_, send) => {
  expect(await answerOf(failing(send))).toEqual({ status: 500, body: PAGE, policy: POLICY });
});

test('one that failed since the database was out of reach says that it can be asked again', async () => {
  const failed = failing((_, response) => void response.end('<html id="__next_error__">'));
  expect(await answerOf(failed, '/', {}, 503)).toMatchObject({ status: 503, body: PAGE });
  expect(isOutOfReach()).toBe(false);
  noteIfOutOfReach(new Error('a query', { cause: Object.assign(new Error('no'), { code: '23505' }) }));
  expect(isOutOfReach()).toBe(false);
  noteIfOutOfReach(new Error('a query', { cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) }));
  expect(isOutOfReach()).toBe(true);
});

test.each<[string, RequestListener]>([
  ['of no type', (_, response) => void Object.assign(response, { statusCode: 500 }).end('Internal Server Error')],
  ['of nothing at all', (_, response) => void response.writeHead(500).end()],
  ['of plain text', (_, response) => void response.setHeader('content-type', 'text/plain').writeHead(500).end('Oh')],
])('so is the failure of a form without scripts, an answer %s', async (_, listener) => {
  expect(await answerOf(listener)).toEqual({ status: 500, body: PAGE, policy: POLICY });
  expect(await answerOf(listener, '/api/v1/users')).not.toMatchObject({ body: PAGE });
  expect(await answerOf(listener, '/', { rsc: '1' })).not.toMatchObject({ body: PAGE });
});

test('anything else passes as it is', async () => {
  expect(await answerOf((_, response) => void response.end('fine'))).toEqual({
    status: 200,
    body: 'fine',
    policy: null,
  });
  const flight: RequestListener = (_, response) => {
    response.writeHead(500, { 'content-type': 'text/x-component' });
    response.write('0:');
    response.end('{}');
  };
  expect(await answerOf(flight)).toEqual({ status: 500, body: '0:{}', policy: null });
});
