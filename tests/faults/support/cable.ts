import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * The wire between the product and a server of it, in the hands of a test: it can be cut, freeze, or lose what the server
 * says from a certain word on. Bytes pass as they are.
 */
export async function cable(portOfServer: () => number) {
  const pairs = new Set<[client: Socket, server: Socket]>();
  let isCut = false;
  let isFrozen = false;
  /** Those that were there when it froze. */
  let lost = new Set<Socket>();
  let silence: { after: string; fell: () => void } | null = null;

  const heard = (chunk: Buffer): boolean => {
    if (!silence || isFrozen) return false;
    if (!chunk.includes(silence.after)) return false;
    silence.fell();
    isFrozen = true;
    return true;
  };
  const wire = createServer((client) => {
    if (isCut) return client.resetAndDestroy();
    const server = connect(portOfServer(), '127.0.0.1');
    const pair: [Socket, Socket] = [client, server];
    pairs.add(pair);
    const isSilent = () => isFrozen || lost.has(client);
    client.on('data', (chunk) => isSilent() || server.write(chunk));
    server.on('data', (chunk) => heard(chunk) || isSilent() || client.write(chunk));
    for (const [end, other] of [pair, [server, client] as const]) {
      end.on('error', () => {});
      end.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
  });
  wire.listen(0, '127.0.0.1');
  await once(wire, 'listening');
  const drop = () => {
    for (const [client, server] of pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
    pairs.clear();
  };
  return {
    port: (wire.address() as AddressInfo).port,
    /** Every connection breaks; new ones are welcome. */
    drop,
    /** Every connection breaks, and none can be made. */
    cut() {
      isCut = true;
      drop();
    },
    /** Nothing passes any more, and nobody is told: what a lost network looks like. */
    freeze() {
      isFrozen = true;
    },
    /** Resolves when the server says the word, which is the first thing that does not arrive. */
    loseAnswersFrom: (word: string) =>
      new Promise<void>((fell) => {
        silence = { after: word, fell };
      }),
    /** What is silent stays silent; a new connection works. */
    thaw() {
      lost = new Set([...pairs].map(([client]) => client));
      isFrozen = false;
    },
    mend() {
      isCut = false;
      silence = null;
      if (isFrozen) drop();
      isFrozen = false;
    },
    close() {
      wire.close();
      drop();
    },
  };
}
export type Cable = Awaited<ReturnType<typeof cable>>;
