import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { LaunchEnv } from '@/lib/env';
import { readiness } from '@/lib/health/readiness';
import { listen } from './listen';

/**
 * Answers a balancer's probes ahead of the app. Inside the app a probe takes turns with every running page, a dozen times
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

/** Longer than the pause between probes: a prober must not send on a connection that we are closing. */
const KEPT_MS = 75_000;

/** Checks that the port is free before anything is started. @throws Refusal */
export async function tryHealthPort(given: LaunchEnv): Promise<void> {
  const { HEALTH_PORT, HOST } = given;
  if (!HEALTH_PORT) return;
  const server = createServer();
  await listen(server, { number: HEALTH_PORT, host: HOST, variable: 'HEALTH_PORT' });
  await new Promise((closed) => server.close(closed));
}

/**
 * Serves the probes, and nothing else, on a port of their own: where hundreds of connections wait on the public port, a probe
 * would be answered late.
 */
export async function openHealthPort({ HEALTH_PORT, HOST }: LaunchEnv): Promise<void> {
  if (!HEALTH_PORT) return;
  const server = createServer(
    { keepAliveTimeout: KEPT_MS },
    withHealth((_, response) => say(response, 404, { status: 'not found' })),
  );
  await listen(server, { number: HEALTH_PORT, host: HOST, variable: 'HEALTH_PORT' });
  // Only the other port keeps the process alive.
  server.unref();
}

function say(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
