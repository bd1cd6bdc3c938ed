import { fork, type SendHandle } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer, type Server as Listening } from 'node:net';
import { fileURLToPath } from 'node:url';
import { log } from '@/lib/observe/log';

/**
 * Node takes one connection off a listening socket in each turn of its loop, and while pages are made a turn takes tens of
 * milliseconds: newcomers would stand in line for seconds before they could so much as be refused. So a process holds its
 * socket many times over, and each copy takes one a turn. A socket that is handed to another process is copied on the way,
 * and a child of ours does nothing but hand it back. Windows has several connections waited for at once anyway.
 */
const ALONE = 31;
/** Of several workers one that holds more takes in a whole burst, and the others none of it: 16 of 16, instead of 8. */
const OF_SEVERAL = 7;
const MOST_MS = 5_000;
const HAND_BACK = fileURLToPath(new URL('./hand-back.mjs', import.meta.url));

/** Without them all works, only later under a flood: it is said, and not a reason to stop. */
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
 * What is handed over is the bare handle: as a server it would listen in the child, and take connections that nobody answers.
 * One after the other, so that none waits in the child, and holds the port there, if we are killed.
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

/** As an HTTP server has its own connections. */
const takeFor = (server: Server): Listening =>
  createServer({ allowHalfOpen: true, noDelay: true }, (socket) => void server.emit('connection', socket));
