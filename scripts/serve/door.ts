import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Server as Listening } from 'node:net';
import type { LaunchEnv } from '@/lib/env';
import { answerHeaders } from './answer-headers';
import { copiesOf } from './copies';
import { trustForwarded } from './forwarded';
import { listen } from './listen';
import { openRequests } from './open-requests';
import { refuseRequest } from './refuse-request';
import { watchRequest } from './watch-request';

/**
 * Where requests come in: each of them passes here, whichever process answers it. In a worker it is the primary's port, shared
 * by the cluster.
 */
export type Door = {
  server: Server;
  /** Resolves when the port is ours. Until `answerBy` is called, requests are answered with “starting”. */
  open(): Promise<void>;
  /**
   * Stops listening while the app loads, because this process could not even answer that it is starting. Meanwhile another
   * worker takes the request, or a balancer uses another host.
   */
  shut(): Promise<void>;
  /** Listens again, for good, and accepts many new connections at once. */
  openWide(): Promise<void>;
  answerBy(listener: RequestListener): void;
  /**
   * Serves for `drainMs` more, while each answer closes its connection. Then it accepts no new request, and lets running ones
   * finish.
   */
  close(drainMs: number): Promise<void>;
};

const REQUESTS_FINISH_MS = 10_000;
const TIMEOUTS = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
  // For a client that does not read its answer.
  timeout: 120_000,
  // Longer than a load balancer's usual minute: a balancer must not send on a connection that we are closing.
  keepAliveTimeout: 75_000,
};

const starting: RequestListener = (_, response) => {
  response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': '2' }).end('Rollcall is starting.\n');
};

export function makeDoor({ PORT, HOST, APP_URL, TRUSTED_PROXIES }: LaunchEnv, dev: boolean): Door {
  const server = createServer(TIMEOUTS);
  const requests = openRequests(server);
  let answer = starting;
  let copies: Listening[] = [];
  const open = () => listen(server, { number: PORT, host: HOST, variable: 'PORT' });
  // On a laptop, where APP_URL is not set, any host name that leads here is accepted.
  const ourOrigin = process.env.APP_URL ? APP_URL : null;
  server.on('request', (request, response) => {
    trustForwarded(request.headers, request.socket.remoteAddress, TRUSTED_PROXIES);
    watchRequest(request, response, TRUSTED_PROXIES, () => {
      answerHeaders(request, response, { secure: APP_URL.startsWith('https:'), dev });
      if (!refuseRequest(request, response, ourOrigin)) answer(request, response);
    });
  });
  return {
    server,
    open,
    async openWide() {
      await open();
      copies = await copiesOf(server);
    },
    async shut() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    answerBy(listener) {
      answer = listener;
    },
    async close(drainMs) {
      await requests.drain(drainMs);
      for (const copy of copies) copy.close();
      await requests.finish(REQUESTS_FINISH_MS);
    },
  };
}
