import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { wholeDocument } from '@/scripts/serve/whole-document';

async function answer(respond: RequestListener, type: string) {
  const server = createServer((request, response) => {
    wholeDocument(response);
    response.setHeader('content-type', type);
    respond(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [received] = (await once(get({ port: (server.address() as AddressInfo).port }), 'response')) as [
    IncomingMessage,
  ];
  const body = await text(received);
  server.close();
  return { headers: received.headers, body };
}

const inParts: RequestListener = async (_, response) => {
  response.flushHeaders();
  for (const part of ['<p>é', Buffer.from('2'), new TextEncoder().encode('3')]) {
    // Long before the end, and with nobody told to wait.
    if (!response.write(part)) throw new Error('the framework would wait for ever');
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.write('4', () => response.end('</p>'));
};

test('a document that is written in parts goes out as one, with its length', async () => {
  const { headers, body } = await answer(inParts, 'text/html; charset=utf-8');
  expect(body).toBe('<p>é234</p>');
  expect([headers['content-length'], headers['transfer-encoding']]).toEqual(['12', undefined]);
});

test('anything else goes out as it comes', async () => {
  let isThere = () => {};
  const there = new Promise<void>((resolve) => {
    isThere = resolve;
  });
  const server = createServer(async (_, response) => {
    wholeDocument(response);
    response.setHeader('content-type', 'text/csv');
    response.write('first\n');
    await there;
    response.end('second\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [received] = (await once(get({ port: (server.address() as AddressInfo).port }), 'response')) as [
    IncomingMessage,
  ];
  const [part] = await once(received, 'data');
  expect(String(part)).toBe('first\n');
  isThere();
  expect(await text(received)).toBe('second\n');
  server.close();
});

test('a refusal that takes the place of a document half written goes out alone', async () => {
  const halfWay: RequestListener = (_, response) => {
    response.write('<p>half');
    response.statusCode = 503;
    response.end('<p>busy</p>');
  };
  expect((await answer(halfWay, 'text/html')).body).toBe('<p>busy</p>');
});

test('an answer without a body stays without one', async () => {
  const { headers, body } = await answer((_, response) => response.writeHead(304).end(), 'text/html');
  expect([body, headers['content-length']]).toEqual(['', undefined]);
});
