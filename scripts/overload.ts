import type { RequestListener, ServerResponse } from 'node:http';

/**
 * What a process takes on: so many requests at once, and each for so long. Beyond that a request is refused at once, in
 * words, rather than all of them growing slower until nobody is served. The health endpoints are always answered.
 */
export type Bounds = { most: number; waitMs: number };
type Handler = (...given: Parameters<RequestListener>) => Promise<void>;

const HEALTH = '/api/health/';
const HEADERS = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };

export function boundedBy({ most, waitMs }: Bounds, busyPage: string, handle: Handler): Handler {
  let underWay = 0;
  const refuse = (response: ServerResponse, retryAfterSeconds: number) =>
    response.writeHead(503, { ...HEADERS, 'retry-after': String(retryAfterSeconds) }).end(busyPage);

  return async (request, response) => {
    if (request.url?.startsWith(HEALTH)) return handle(request, response);
    if (underWay >= most) {
      refuse(response, 1 + Math.floor(Math.random() * 4));
      return;
    }
    underWay++;
    // The work itself cannot be called back: it goes on counting until it ends.
    const tooLong = setTimeout(() => {
      if (response.headersSent) return;
      refuse(response, 30);
      silence(response);
    }, waitMs);
    try {
      await handle(request, response);
    } finally {
      clearTimeout(tooLong);
      underWay--;
    }
  };
}

/** The answer is given: what the app still says to it is not heard. */
function silence(response: ServerResponse): void {
  const quiet = {
    setHeader: response,
    removeHeader: undefined,
    flushHeaders: undefined,
    writeHead: response,
    write: true,
    end: response,
  };
  for (const [name, answer] of Object.entries(quiet)) Object.assign(response, { [name]: () => answer });
}
