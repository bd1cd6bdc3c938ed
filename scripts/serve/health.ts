import type { RequestListener, ServerResponse } from 'node:http';
import { readiness } from '@/lib/health/readiness';

/**
 * Answers a balancer's probes ahead of the app. In there a request takes turns with every page under way, a dozen times
 * before it is answered, and a process that is only busy would be taken for dead.
 */
export function withHealth(answer: RequestListener): RequestListener {
  return (request, response) => {
    const { method, url, headers } = request;
    if (method !== 'GET') answer(request, response);
    else if (url === '/api/health/live') say(response, 200, { status: 'ok' });
    else if (url === '/api/health/ready')
      readiness(headers.authorization ?? null).then(
        ({ status, body }) => say(response, status, body),
        () => say(response, 503, { status: 'unavailable' }),
      );
    else answer(request, response);
  };
}

function say(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
