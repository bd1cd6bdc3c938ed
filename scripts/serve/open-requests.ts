import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Counts running requests, so that a server can stop without cutting one off. Node's own `close()` waits for connections
 * instead, which browsers keep open; a page under `npm run dev` holds a web socket that never ends.
 */
export function openRequests(server: Server): {
  drain(ms: number): Promise<void>;
  finish(atMostMs: number): Promise<void>;
} {
  const sockets = new Set<Socket>();
  let underWay = 0;
  let draining = false;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  // Runs before the listener that answers.
  server.prependListener('request', (_, response) => {
    underWay++;
    // Otherwise the client would send its next request on this connection while we are closing.
    if (draining) response.setHeader('connection', 'close');
    response.once('close', () => underWay--);
  });
  return {
    /** Requests are still accepted, but no connection outlives its request: a load balancer has time to stop using us. */
    async drain(ms) {
      draining = true;
      await sleep(ms);
    },
    async finish(atMostMs) {
      server.close();
      for (const since = Date.now(); underWay > 0 && Date.now() - since < atMostMs; ) await sleep(20);
      for (const socket of sockets) socket.destroy();
    },
  };
}
