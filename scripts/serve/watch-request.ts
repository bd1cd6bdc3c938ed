import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { patternOf } from '@/lib/auth/route-access';
import { type Doing, during } from '@/lib/observe/doing';
import { log } from '@/lib/observe/log';
import { metrics } from '@/lib/observe/metrics';
import { startSpan } from '@/lib/observe/trace';

/**
 * Wraps each request: it gets an id, which is returned in `x-request-id` and added to every line logged meanwhile, and at its
 * end a log line, a count and a span. Our own proxy may supply the id and the trace. From anybody else they are replaced, so
 * that nobody can pose as another's request.
 */
const GIVEN_ID = /^[\w.:-]{8,64}$/;
/** Requested every few seconds by machines, or many at once by a page. */
const QUIET = /^\/(?:_next|api\/health|api\/metrics)(?:\/|$)/;
/** nginx's status for a client that left before the answer. */
const CLIENT_LEFT = 499;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

export function watchRequest(
  request: IncomingMessage,
  response: ServerResponse,
  trustedProxies: number,
  answer: () => void,
): void {
  const began = performance.now();
  const { 'x-request-id': given, traceparent } = trustedProxies > 0 ? request.headers : {};
  const requestId = typeof given === 'string' && GIVEN_ID.test(given) ? given : randomUUID();
  request.headers['x-request-id'] = requestId;
  response.setHeader('x-request-id', requestId);

  const [method, route] = [request.method ?? '', routeOf(request.url ?? '')];
  const doing: Doing = { requestId, method, route };
  const span = startSpan(`${method} ${route}`, {}, String(traceparent));
  response.once('close', () => {
    const seconds = (performance.now() - began) / 1_000;
    const status = response.headersSent ? response.statusCode : CLIENT_LEFT;
    metrics.requests.observe({ route, method: METHODS.has(method) ? method : 'other', status }, seconds);
    span?.setAttributes(attributesOf(doing, status)).end();
    const ms = Math.round(seconds * 10_000) / 10;
    const cut = response.writableFinished ? {} : { cut: true };
    const line = `${method} ${route} ${status} ${ms} ms`;
    log[QUIET.test(route) ? 'debug' : 'info'](line, { ...doing, status, ms, ...cut });
  });
  during(doing, answer, span);
}

/** The set of routes is bounded: all addresses that the table does not list share one. */
function routeOf(url: string): string {
  const [path = ''] = url.split('?', 1);
  if (path.startsWith('/_next/')) return '/_next';
  return patternOf(path) ?? 'unlisted';
}

const attributesOf = ({ requestId, method, route, tenantId, actorId }: Doing, status: number) => ({
  'http.request.method': method,
  'http.route': route,
  'http.response.status_code': status,
  'rollcall.request_id': requestId,
  ...(tenantId ? { 'rollcall.tenant_id': tenantId } : {}),
  ...(actorId ? { 'rollcall.actor_id': actorId } : {}),
});
