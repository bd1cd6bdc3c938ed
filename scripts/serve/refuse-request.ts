import type { IncomingMessage, ServerResponse } from 'node:http';
import { refusalPage } from '@/lib/auth/refusal-page';
import { machineRefusal } from './machine-refusal';

/**
 * Refuses what nothing here serves, before the framework interprets it: an unused method, an ambiguous address, another site's
 * host name, a body longer than anything here reads. Returns false for everything else.
 */
const OF_BROWSERS = ['GET', 'HEAD', 'POST'];
const OF_MACHINES = [...OF_BROWSERS, 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const methodsAt = (path: string) => (path.startsWith('/api/') ? OF_MACHINES : OF_BROWSERS);
/** Machines may use any host name for these: load balancers and collectors know addresses, not names. */
const FOR_PROBES = /^\/api\/(?:health\/|metrics$)/;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
/** The longest body that is accepted is a list of people, 3 MB (next.config.js). */
const MOST_BYTES = 4_000_000;
/** These read a body in chunks and stop at their own limit. All others require its length, which browsers always send. */
const COUNTS_ITSELF = /^\/api\/(?:v1|scim\/v2|saml)\//;

type Refused = {
  status: 400 | 404 | 405 | 411 | 413 | 421;
  title: string;
  text: string;
  link?: { href: string; label: string };
};

export function refuseRequest(request: IncomingMessage, response: ServerResponse, ourOrigin: string | null): boolean {
  const refused = reason(request, ourOrigin);
  if (refused) void send(request, response, refused);
  return refused !== null;
}

async function send({ url = '' }: IncomingMessage, response: ServerResponse, refused: Refused): Promise<void> {
  const page = refusalPage(refused);
  if (refused.status === 405) page.headers.set('allow', methodsAt(url).join(', '));
  // Does not wait for the rest of the body.
  page.headers.set('connection', 'close');
  const answer = machineRefusal(url, refused.status, refused.text);
  const text = answer?.text ?? (await page.text());
  const headers = { ...Object.fromEntries(page.headers), ...answer?.headers };
  response.writeHead(page.status, { ...headers, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function reason(request: IncomingMessage, ourOrigin: string | null): Refused | null {
  const { method = '', url = '', headers, rawHeaders } = request;
  const [path = ''] = url.split('?');
  if (isAmbiguous(path)) return { status: 404, title: 'Page not found', text: 'There is nothing at this address.' };
  if (!methodsAt(path).includes(method))
    return { status: 405, title: 'Not done here', text: 'Nothing here is asked for in this way.' };
  if (rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length > 1)
    return { status: 400, title: 'Not understood', text: 'This request names two hosts.' };
  if (ourOrigin && !FOR_PROBES.test(path) && !isOurs(headers, new URL(ourOrigin).hostname))
    return {
      status: 421,
      title: 'Not the address of Rollcall',
      text: `Rollcall is at ${ourOrigin}.`,
      link: { href: ourOrigin, label: 'Go there' },
    };
  if (/[^\w.:[\]-]/.test(headers.host ?? ''))
    return { status: 400, title: 'Not understood', text: 'The host that this request names is none.' };
  if (Number(headers['content-length'] ?? 0) > MOST_BYTES)
    return { status: 413, title: 'Too large', text: 'That is more than is read here, so nothing was done.' };
  if (headers['transfer-encoding'] && !COUNTS_ITSELF.test(path))
    return { status: 411, title: 'Of unknown length', text: 'Say first how long it is. Nothing was done.' };
  return null;
}

/**
 * The gate's table matches an address literally, and a part that resolves it first would see another address. So dots, slashes
 * and backslashes must be plain and single. Targets that begin otherwise (`*`, `http://…`) are for proxies.
 */
const isAmbiguous = (path: string): boolean =>
  !path.startsWith('/') ||
  /\/\/|[\\;]|\/\.{1,2}(?:\/|$)|%(?:2e|2f|5c|3b|25|[01][0-9a-f]|7f)|%(?![0-9a-f]{2})|[^!-~]/i.test(path);

/**
 * Our proxy sends the requested host name in x-forwarded-host if it calls us by another. From anybody else that header has
 * been removed.
 */
function isOurs({ host, 'x-forwarded-host': forwarded }: IncomingMessage['headers'], ours: string): boolean {
  const asked =
    String(forwarded ?? host ?? '')
      .split(',')[0]
      ?.trim() ?? '';
  const name = URL.canParse(`http://${asked}`) ? new URL(`http://${asked}`).hostname : '';
  return name === ours || LOOPBACK.includes(name);
}
