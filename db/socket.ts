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
  const silent = Object.assign(new Error('The database has been silent for too long.'), { code: 'CONNECTION_SILENT' });
  const giveUp = () => socket.destroy(silent);
  const { removeAllListeners } = socket;
  // The driver does so before it goes on over TLS, whose traffic counts as this socket's.
  socket.removeAllListeners = (...given) => {
    removeAllListeners.apply(socket, given);
    return socket.on('timeout', giveUp);
  };
  socket.setTimeout(CONNECT_MS);
  socket.on('timeout', giveUp);
  socket.once('connect', () => socket.setTimeout(SILENT_MS));
  closeAfterLastWords(socket);
  setImmediate(() => setImmediate(() => leaveIfMute(socket)));
  return socket;
}

/**
 * The driver writes in the turn after it was asked. A connection that closed in between would leave it with words that it
 * never gets rid of, and with a statement that is never answered: it hears of the end one turn later, and as of one that
 * came without an error, which is when it answers all that waits.
 */
function closeAfterLastWords(socket: Socket): void {
  const emit: (name: string, ...given: unknown[]) => boolean = socket.emit.bind(socket);
  socket.emit = ((name: string, ...given: unknown[]) => {
    if (name !== 'close') return emit(name, ...given);
    setImmediate(() => emit('close', false));
    return true;
  }) as typeof socket.emit;
}

/**
 * The driver speaks first, within a turn. Where a connection closed while something was still to be written on it, the driver
 * goes on believing that it will be, and says nothing on the next one either, nor on any after it. Each that is left
 * at once adds its greeting to what has gathered, until that is enough to be written as it is: the server hangs up on it,
 * and the next is well. The driver tries again by itself, and the statement that waits is kept.
 */
function leaveIfMute(socket: Socket): void {
  if (!socket.destroyed && socket.bytesWritten === 0) socket.destroy();
}
