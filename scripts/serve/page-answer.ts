import type { IncomingMessage, ServerResponse } from 'node:http';
import { sessionCookieName } from '@/lib/auth/cookie';
import type { Passage } from '@/lib/sessions/passage';

/**
 * Opens the passage of a request, and adds to its answer what gate and page left there: the tag for revalidation, and how long
 * each part took. Both only for a browser whose session is open.
 */
export function openPassage(request: IncomingMessage, response: ServerResponse, build: string | null): Passage {
  const isDocument = request.method === 'GET' && !('rsc' in request.headers) && !('next-action' in request.headers);
  const passage: Passage = { build: isDocument ? build : null, begun: performance.now() };
  const { writeHead } = response;
  response.writeHead = ((status: number, ...rest: []) => {
    if (passage.session) response.setHeader('server-timing', timing(passage));
    if (status === 200 && passage.tagUntil && passage.stands !== undefined)
      keepable(response, passage.tagUntil(passage.stands));
    // Only for actions: Chromium delays the next page until the cache is cleared. Without scripts no list is kept
    // (list-tag.ts).
    if (endsSession(response) && 'next-action' in request.headers) response.setHeader('clear-site-data', '"cache"');
    return writeHead.call(response, status, ...rest);
  }) as ServerResponse['writeHead'];
  return passage;
}

/** Lets the browser keep the answer, but ask before each use: without its session the answer is another one. */
function keepable(response: ServerResponse, tag: string): void {
  response.setHeader('etag', tag);
  response.setHeader('cache-control', 'private, no-cache');
  response.appendHeader('vary', 'Cookie');
}

/** When the session cookie is deleted, what the browser has kept is deleted too: going back shows nothing. */
function endsSession(response: ServerResponse): boolean {
  const cookies = [response.getHeader('set-cookie') ?? []].flat();
  return cookies.some((cookie) => String(cookie).startsWith(`${sessionCookieName()}=;`));
}

function timing({ begun, gateMs = 0, queryMs }: Passage): string {
  const renderMs = performance.now() - begun - gateMs - (queryMs ?? 0);
  const parts = { session: gateMs, query: queryMs, render: renderMs };
  return Object.entries(parts)
    .flatMap(([name, ms]) => (ms === undefined ? [] : `${name};dur=${ms.toFixed(1)}`))
    .join(', ');
}
