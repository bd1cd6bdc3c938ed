import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { createRequest } from '@remix-run/node-fetch-server';
import { API_PATH, answerTo } from '@/lib/api/door';
import { handleScim } from '@/lib/scim/door';
import { BASE } from '@/lib/scim/user-resource';

/**
 * The doors of identity providers and of the API, ahead of the framework: they render nothing, no cookie counts in them, and
 * its way through gate and routes costs such a request as much again as all that it is about. Each answers
 * whatever happens. Under `npm run dev` the same doors stand behind the framework's routes, which reload them.
 */
type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export const DOORS = { [BASE]: handleScim, [API_PATH]: answerTo };
/** Told to everybody by the framework's own route. */
const DESCRIPTION = `${API_PATH}/openapi.json`;
const gzipped = promisify(gzip);
/** Less than what goes into one packet is not worth it. */
const LEAST_GZIPPED = 1_024;

/** What the framework answers by itself stays its own: OPTIONS, and where another address is meant. */
function doorFor({ method, url = '' }: IncomingMessage) {
  const [path = ''] = url.split('?', 1);
  if (method === 'OPTIONS' || path.endsWith('/') || path === DESCRIPTION) return undefined;
  return Object.entries(DOORS).find(([base]) => path === base || path.startsWith(`${base}/`))?.[1];
}

export function withMachines(app: Handler): Handler {
  return async (request, response) => {
    const door = doorFor(request);
    if (!door) return app(request, response);
    // No door looks at the name by which it was called; made of it, the address could become another.
    const asked = createRequest(request, response, { host: 'localhost' });
    const answer = await door(asked);
    response.statusCode = answer.status;
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    const body = Buffer.from(await answer.arrayBuffer());
    response.end(isWorthGzip(request, body) ? await withGzip(response, body) : body);
    // A body that nobody has read stands before the next request of its connection.
    // Where its client has left in the middle of it, there is nothing to cancel.
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
