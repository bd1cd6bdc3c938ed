import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Server as Listening } from 'node:net';
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
  const child = fork(HAND_BACK, {
    execArgv: [],
    env: { NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const gone = once(child, 'exit').catch(() => {});
  const all = new Promise<void>((done) => {
    child.on('message', (_, copy) => {
      copies.push(takeFor(server, copy as Listening));
      if (copies.length === wanted) done();
    });
  });
  const tooLong = setTimeout(() => child.kill('SIGKILL'), MOST_MS);
  for (let i = 0; i < wanted; i++) child.send('copy', server, () => {});
  await Promise.race([all, gone]);
  clearTimeout(tooLong);
  if (child.connected) child.disconnect();
  if (copies.length < wanted)
    log.warn('Under a flood of new connections this process will answer late', { copies: copies.length });
  return copies;
}

/** As an HTTP server has its own connections. */
const takeFor = (server: Server, copy: Listening): Listening =>
  copy.on('connection', (socket) => {
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
    server.emit('connection', socket);
  });
