import { connect, type Socket } from 'node:net';

/**
 * Opens connections that time out by themselves. A network can lose one without telling either side, and a statement on it
 * would wait for ever, in a small pool. Statements (`statement_timeout`) and idle connections end sooner, so after this much
 * silence the other side is gone.
 */
const SILENT_MS = 75_000;
const CONNECT_MS = 10_000;

/** The argument of the driver's option `socket` (postgres.js), which opens its connections. */
type Asked = { host: string[]; port: number[]; path?: string | false };

/**
 * Returns the socket before it is connected: the driver's writes wait in it, and a failure reaches the driver's own listeners.
 * The driver would not learn of a socket that it never got, and its pool would be one connection short for good.
 */
export function openSocket({ host, port, path }: Asked): Socket {
  const socket = path ? connect(path) : connect({ host: host[0], port: Number(port[0]), noDelay: true });
  const silent = Object.assign(new Error('The database has been silent for too long.'), { code: 'CONNECTION_SILENT' });
  const giveUp = () => socket.destroy(silent);
  const { removeAllListeners } = socket;
  // The driver removes all listeners before it switches to TLS, whose traffic counts as this socket's.
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
 * The driver writes one turn of the event loop after it gets a statement. If the connection closed in between, the driver
 * would keep data that it never discards, and the statement would never be answered. So it gets the close event one turn later
 * and without the error flag: only then does it answer all waiting statements.
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
 * The driver writes first, within one turn. If a connection closed with data still to be written, the driver keeps waiting for
 * that write, and writes nothing on later connections either. Each one that we close at once adds its startup message to the
 * buffered data, until there is enough to be written immediately. The server then closes that connection, and the next one
 * works. The driver reconnects by itself and keeps the waiting statement.
 */
function leaveIfMute(socket: Socket): void {
  if (!socket.destroyed && socket.bytesWritten === 0) socket.destroy();
}
