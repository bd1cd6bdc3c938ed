import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { LaunchEnv } from '@/lib/env';
import { readiness } from '@/lib/health/readiness';
import { listen } from './listen';

/**
 * Answers a balancer's probes ahead of the app. In there a request takes turns with every page under way, a dozen times
 * before it is answered, and a process that is only busy would be taken for dead.
 */
export function withHealth(answer: RequestListener): RequestListener {
  return (request, response) => {
    const { method, url, headers } = request;
    if (method !== 'GET' && method !== 'HEAD') answer(request, response);
    else if (url === '/api/health/live') say(response, 200, { status: 'ok' });
    else if (url === '/api/health/ready')
      readiness(headers.authorization ?? null).then(
        ({ status, body }) => say(response, status, body),
        () => say(response, 503, { status: 'unavailable' }),
      );
    else answer(request, response);
  };
}

/** Longer than a prober's pause: it must not send on a connection that we are closing. */
const KEPT_MS = 75_000;

/** Whether the port is free, before anything is started. @throws Refusal */
export async function tryHealthPort(given: LaunchEnv): Promise<void> {
  const { HEALTH_PORT, HOST } = given;
  if (!HEALTH_PORT) return;
  const server = createServer();
  await listen(server, { number: HEALTH_PORT, host: HOST, variable: 'HEALTH_PORT' });
  await new Promise((closed) => server.close(closed));
}

/**
 * The same at a port of their own, and nothing else there: where hundreds stand in line at the one that people use, a probe
 * would come to its turn late.
 */
export async function openHealthPort({ HEALTH_PORT, HOST }: LaunchEnv): Promise<void> {
  if (!HEALTH_PORT) return;
  const server = createServer(
    { keepAliveTimeout: KEPT_MS },
    withHealth((_, response) => say(response, 404, { status: 'not found' })),
  );
  await listen(server, { number: HEALTH_PORT, host: HOST, variable: 'HEALTH_PORT' });
  // Whether we go on is for the other port to say.
  server.unref();
}

function say(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
