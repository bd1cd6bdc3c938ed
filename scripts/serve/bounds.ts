import type { IncomingMessage, ServerResponse } from 'node:http';
import { machineRefusal } from './machine-refusal';

/**
 * Limits how many requests a process handles at once, and how long each may take. Further requests are refused at once, with a
 * message, instead of all requests slowing down until nobody is served. Health and metrics are always answered.
 */
export type Bounds = { most: number; waitMs: number };
type Page = { html: string; headers: Record<string, string> };
type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const FOR_OPERATORS = /^\/api\/(?:health\/|metrics$)/;
/** Spread, so that clients refused together do not all retry together (RFC 9110, 10.2.3). */
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
    // The work cannot be cancelled: it counts until it ends, even if its client has left.
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

/** The answer has been sent: whatever the app still writes is ignored. */
function silence(response: ServerResponse): void {
  const unheard = { setHeader: response, removeHeader: undefined, writeHead: response, write: true, end: response };
  for (const [name, answer] of Object.entries({ ...unheard, appendHeader: response, flushHeaders: undefined }))
    Object.assign(response, { [name]: () => answer });
}
