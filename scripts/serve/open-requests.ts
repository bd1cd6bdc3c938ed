import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Knows the requests under way, so that a server can stop without cutting one. Node's own `close()` waits for connections
 * instead, and a browser keeps those open; a page under `npm run dev` holds a web socket that never ends.
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
  // Before whoever answers.
  server.prependListener('request', (_, response) => {
    underWay++;
    // Whoever keeps the connection would send the next request on it, while we are closing.
    if (draining) response.setHeader('connection', 'close');
    response.once('close', () => underWay--);
  });
  return {
    /** Requests are still taken, but no connection outlives its request: a load balancer has time to turn away. */
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
