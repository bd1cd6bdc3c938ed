import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { createRequest } from '@remix-run/node-fetch-server';
import { API_PATH, answerTo } from '@/lib/api/door';
import { handleScim } from '@/lib/scim/door';
import { BASE } from '@/lib/scim/user-resource';

/**
 * Serves SCIM and the API ahead of the framework: they render nothing and use no cookie, and the framework's way through gate
 * and routes would double the cost of such a request. Their handlers answer every request. Under `npm run dev` the same
 * handlers are called by the framework's routes, which reload them.
 */
type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export const DOORS = { [BASE]: handleScim, [API_PATH]: answerTo };
/** Public, and served by the framework's own route. */
const DESCRIPTION = `${API_PATH}/openapi.json`;
const gzipped = promisify(gzip);
/** A body that fits into one packet is not worth compressing. */
const LEAST_GZIPPED = 1_024;

/** Leaves to the framework what it answers itself: OPTIONS, paths that end with a slash, and the API description. */
function doorFor({ method, url = '' }: IncomingMessage) {
  const [path = ''] = url.split('?', 1);
  if (method === 'OPTIONS' || path.endsWith('/') || path === DESCRIPTION) return undefined;
  return Object.entries(DOORS).find(([base]) => path === base || path.startsWith(`${base}/`))?.[1];
}

export function withMachines(app: Handler): Handler {
  return async (request, response) => {
    const door = doorFor(request);
    if (!door) return app(request, response);
    // No handler uses the Host header. A URL built from it could have another path.
    const asked = createRequest(request, response, { host: 'localhost' });
    const answer = await door(asked);
    response.statusCode = answer.status;
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    const body = Buffer.from(await answer.arrayBuffer());
    response.end(isWorthGzip(request, body) ? await withGzip(response, body) : body);
    // An unread body would block the next request on its connection. If the client left in the middle of it, there is nothing
    // to cancel.
    if (!asked.bodyUsed) await asked.body?.cancel().catch(() => {});
    request.resume();
  };
}

const isWorthGzip = ({ method, headers }: IncomingMessage, body: Buffer): boolean =>
  method !== 'HEAD' && body.length >= LEAST_GZIPPED && /\bgzip\b(?!;\s*q=0)/.test(String(headers['accept-encoding']));

function withGzip(response: ServerResponse, body: Buffer): Promise<Buffer> {
  response.setHeader('content-encoding', 'gzip');
  response.appendHeader('vary', 'Accept-Encoding');
  return gzipped(body);
}
