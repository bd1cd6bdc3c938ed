import { connect, type Socket } from 'node:net';

/**
 * A connection that gives up by itself. A network can lose one without telling either side, and what was asked over it
 * would wait for ever, in a pool of a few. Statements end sooner (`statement_timeout`), and so do idle connections: after
 * so long a silence nobody is there.
 */
const SILENT_MS = 75_000;
const CONNECT_MS = 10_000;

/** What the driver tells whoever makes its connections (postgres.js, the option `socket`). */
type Asked = { host: string[]; port: number[]; path?: string | false };

/**
 * Handed over before it is connected: what the driver writes meanwhile waits in it, and a failure comes to the driver's own
 * listeners. Of one that never came to be the driver would learn nothing, and its pool would be a place short for good.
 */
export function openSocket({ host, port, path }: Asked): Socket {
  const socket = path ? connect(path) : connect({ host: host[0], port: Number(port[0]), noDelay: true });
  const giveUp = () => socket.destroy(new Error('The database has been silent for too long.'));
  const { removeAllListeners } = socket;
  // The driver does so before it goes on over TLS, whose traffic counts as this socket's.
  socket.removeAllListeners = (...given) => {
    removeAllListeners.apply(socket, given);
    return socket.on('timeout', giveUp);
  };
  socket.setTimeout(CONNECT_MS);
  socket.on('timeout', giveUp);
  socket.once('connect', () => socket.setTimeout(SILENT_MS));
  return socket;
}
