import { fork, type SendHandle } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer, type Server as Listening } from 'node:net';
import { fileURLToPath } from 'node:url';
import { log } from '@/lib/observe/log';

/**
 * Node accepts one connection per listening socket in each turn of its event loop, and a turn takes tens of milliseconds while
 * pages are rendered: new connections would wait for seconds before they could even be refused. So a process holds many copies
 * of its socket, and accepts one connection per copy and turn. Passing a socket to another process copies it, so a child
 * process does nothing but send it back. Windows accepts several connections at once anyway.
 */
const ALONE = 31;
/** With several workers, one that holds more copies takes a whole burst, and the others none of it: 16 of 16, instead of 8. */
const OF_SEVERAL = 7;
const MOST_MS = 5_000;
const HAND_BACK = fileURLToPath(new URL('./hand-back.mjs', import.meta.url));

/** Without copies everything works, only slower under a flood, so that is logged and does not stop the start. */
export async function copiesOf(server: Server): Promise<Listening[]> {
  if (process.platform === 'win32') return [];
  const wanted = cluster.isWorker ? OF_SEVERAL : ALONE;
  const copies: Listening[] = [];
  await copyInto(copies, server, wanted).catch(() => {});
  if (copies.length < wanted)
    log.warn('Under a flood of new connections this process will answer late', { copies: copies.length });
  return copies;
}

/**
 * Passes the bare handle: as a server it would listen in the child, and accept connections that nobody answers. One at a time,
 * so that no copy waits in the child, and keeps the port open there, if we are killed.
 */
async function copyInto(copies: Listening[], server: Server, wanted: number): Promise<void> {
  const child = fork(HAND_BACK, {
    execArgv: [],
    env: { NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const gone = once(child, 'exit');
  const { _handle: handle } = server as unknown as { _handle: SendHandle };
  const all = new Promise<void>((done) => {
    const next = () => (copies.length === wanted ? done() : child.send('copy', handle, () => {}));
    child.on('message', (_, copy) => {
      copies.push(takeFor(server).listen(copy));
      next();
    });
    next();
  });
  const tooLong = setTimeout(() => child.kill('SIGKILL'), MOST_MS);
  await Promise.race([all, gone]).finally(() => clearTimeout(tooLong));
  if (child.connected) child.disconnect();
}

/** With the options that an HTTP server uses for its connections. */
const takeFor = (server: Server): Listening =>
  createServer({ allowHalfOpen: true, noDelay: true }, (socket) => void server.emit('connection', socket));
