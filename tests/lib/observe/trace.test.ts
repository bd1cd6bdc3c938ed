import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { db } from '@/db/client';
import { noteActor } from '@/lib/observe/doing';
import { inSpan, startTracing } from '@/lib/observe/trace';
import { watchRequest } from '@/scripts/serve/watch-request';

type Span = {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  status: { code: number; message?: string };
  attributes: { key: string; value: { stringValue?: string } }[];
};

/** A collector as OpenTelemetry has them, on this machine. */
async function collector() {
  const spans: Span[] = [];
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request));
    for (const { scopeSpans } of body.resourceSpans) for (const each of scopeSpans) spans.push(...each.spans);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { spans, server, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function answered(trustedProxies: number, headers: Record<string, string>) {
  const server = createServer((request, response) =>
    watchRequest(request, response, trustedProxies, async () => {
      noteActor({ tenantId: 'acme', actorId: 'ada' });
      await inSpan('sign-in password', {}, () => db.execute(sql`select ${'a secret'}::text`));
      await inSpan('fails', {}, () => Promise.reject(new TypeError('ada@acme.example'))).catch(() => {});
      response.end();
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await (
    await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/invitations/a-secret`, { headers })
  ).text();
  server.close();
  await once(server, 'close');
}

test('a request, its parts and its statements are one trace, in which nothing is told that is secret', async () => {
  const { spans, server, endpoint } = await collector();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint;
  const end = await startTracing();
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  await answered(1, { traceparent, 'x-request-id': 'proxy-0123' });
  await answered(0, { traceparent });
  await end();
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  server.close();

  const named = (name: string) => spans.filter((span) => span.name === name);
  const [traced, stranger] = named('GET /invitations/[token]');
  const [part] = named('sign-in password');
  const [query] = named('query select');
  expect(traced).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) });
  expect(part).toMatchObject({ traceId: traced?.traceId, parentSpanId: traced?.spanId });
  expect(query).toMatchObject({ traceId: traced?.traceId, parentSpanId: part?.spanId });
  expect(traced?.attributes).toContainEqual({ key: 'rollcall.request_id', value: { stringValue: 'proxy-0123' } });
  expect(traced?.attributes).toContainEqual({ key: 'rollcall.tenant_id', value: { stringValue: 'acme' } });
  expect(named('fails')[0]?.status).toEqual({ code: 2, message: 'TypeError' });
  expect(stranger?.traceId, 'of a stranger nothing is believed').not.toBe('a'.repeat(32));
  expect(JSON.stringify(spans)).not.toMatch(/a.secret|ada@acme/);
});

test('where nobody collects, nothing of it is loaded, and work is only done', async () => {
  const end = await startTracing();
  expect(await inSpan('a part', {}, async () => 'done')).toBe('done');
  await end();
});
