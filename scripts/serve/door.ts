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
 * Where requests come in: the one place that each of them passes, whichever process answers it. In a worker it is the
 * primary's port, shared by the cluster.
 */
export type Door = {
  server: Server;
  /** Resolves when the port is ours. Until somebody is named who answers, requests are told that the product is starting. */
  open(): Promise<void>;
  /**
   * While the app is loaded this process could not even say that it is starting. Nobody connects then: another worker takes
   * the request, or a balancer another host.
   */
  shut(): Promise<void>;
  /** Open again, for good: many newcomers are taken in at once. */
  openWide(): Promise<void>;
  answerBy(listener: RequestListener): void;
  /** Goes on for so long, while each answer ends its connection; then takes no new request, and lets those under way finish. */
  close(drainMs: number): Promise<void>;
};

const REQUESTS_FINISH_MS = 10_000;
const TIMEOUTS = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
  // Of a client that takes nothing of its answer.
  timeout: 120_000,
  // Longer than a load balancer's usual minute: it must not send on a connection that we are closing.
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
  // On a laptop, where nobody has said which address it is, any name that leads here is good.
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
