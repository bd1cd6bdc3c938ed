import type { IncomingMessage, ServerResponse } from 'node:http';
import { machineRefusal } from './machine-refusal';

/**
 * What a process takes on: so many requests at once, and each for so long. Beyond that a request is refused at once, in
 * words, rather than all of them growing slower until nobody is served. Health and figures are always answered.
 */
export type Bounds = { most: number; waitMs: number };
type Page = { html: string; headers: Record<string, string> };
type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const FOR_OPERATORS = /^\/api\/(?:health\/|metrics$)/;
/** Spread, so that those who were refused together do not come back together (RFC 9110, 10.2.3). */
const soon = () => 1 + Math.floor(Math.random() * 4);
const LATER_SECONDS = 30;

export function within({ most, waitMs }: Bounds, page: Page, handle: Handler): Handler {
  let underWay = 0;
  return async (request, response) => {
    if (FOR_OPERATORS.test(request.url ?? '')) return handle(request, response);
    if (underWay >= most) return refuse(request, response, page, soon());
    underWay++;
    const tooLong = setTimeout(() => {
      if (response.headersSent) return;
      refuse(request, response, page, LATER_SECONDS);
      silence(response);
    }, waitMs);
    // The work itself cannot be called back: it counts until it ends, though its client may have left.
    try {
      await handle(request, response);
    } finally {
      clearTimeout(tooLong);
      underWay--;
    }
  };
}

function refuse({ url }: IncomingMessage, response: ServerResponse, page: Page, retryAfterSeconds: number): void {
  const answer = machineRefusal(url ?? '', 503, 'There is too much to do at the moment. Send it again later.');
  response.statusCode = 503;
  for (const [name, value] of Object.entries({
    ...(answer ?? page).headers,
    'cache-control': 'no-store',
    'retry-after': String(retryAfterSeconds),
  }))
    response.setHeader(name, value);
  response.end(answer?.text ?? page.html);
}

/** The answer is given: what the app still says to it is not heard. */
function silence(response: ServerResponse): void {
  const unheard = { setHeader: response, removeHeader: undefined, writeHead: response, write: true, end: response };
  for (const [name, answer] of Object.entries({ ...unheard, appendHeader: response, flushHeaders: undefined }))
    Object.assign(response, { [name]: () => answer });
}
