import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * The wire between the product and a server of it, in the hands of a test: it can be cut, break in the middle of what is
 * said, freeze, or lose what the server answers. Bytes pass as they are.
 */
type Pair = { client: Socket; server: Socket; hasAsked: boolean };
/** `asked` stands in what the product has sent over the same connection since it last began a transaction. */
type Loss = { answer: string; asked?: string; fell: () => void };

export async function cable(portOfServer: () => number) {
  const pairs = new Set<Pair>();
  let isCut = false;
  let isFrozen = false;
  /** Those that were there when it froze. */
  let lost = new Set<Socket>();
  let loss: Loss | null = null;
  let breaking: { word: string; fell: () => void } | null = null;

  const isLost = (pair: Pair, chunk: Buffer): boolean => {
    if (!loss || isFrozen || !chunk.includes(loss.answer) || (loss.asked && !pair.hasAsked)) return false;
    loss.fell();
    loss = null;
    isFrozen = true;
    return true;
  };
  const listen = (pair: Pair, chunk: Buffer): void => {
    if (!loss?.asked) return;
    if (chunk.includes('begin\0')) pair.hasAsked = false;
    if (chunk.includes(loss.asked)) pair.hasAsked = true;
  };
  /** What comes before the word arrives, and nothing after it. */
  const breaks = (pair: Pair, chunk: Buffer): boolean => {
    const at = breaking ? chunk.indexOf(breaking.word) : -1;
    if (!breaking || at === -1) return false;
    breaking.fell();
    breaking = null;
    pair.server.end(chunk.subarray(0, at));
    pair.client.resetAndDestroy();
    return true;
  };
  const wire = createServer((client) => {
    if (isCut) return client.resetAndDestroy();
    const server = connect(portOfServer(), '127.0.0.1');
    const pair = { client, server, hasAsked: false };
    pairs.add(pair);
    const isSilent = () => isFrozen || lost.has(client);
    client.on('data', (chunk) => {
      if (isSilent() || breaks(pair, chunk)) return;
      listen(pair, chunk);
      server.write(chunk);
    });
    server.on('data', (chunk) => isLost(pair, chunk) || isSilent() || client.write(chunk));
    for (const [end, other] of [
      [client, server],
      [server, client],
    ] as const) {
      end.on('error', () => {});
      end.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
  });
  wire.listen(0, '127.0.0.1');
  await once(wire, 'listening');
  const { port } = wire.address() as AddressInfo;
  const drop = () => {
    for (const { client, server } of pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
    pairs.clear();
  };
  return {
    port,
    /** Every connection breaks; new ones are welcome. */
    drop,
    /** Every connection breaks, and none can be made. */
    cut() {
      isCut = true;
      drop();
    },
    /** Every connection breaks, and whoever makes one is refused: nobody is there. */
    async unplug() {
      const closed = once(wire, 'close');
      wire.close();
      drop();
      await closed;
    },
    async plug() {
      wire.listen(port, '127.0.0.1');
      await once(wire, 'listening');
    },
    /** Nothing passes any more, and nobody is told: what a lost network looks like. */
    freeze() {
      isFrozen = true;
    },
    /** Resolves when the server gives this answer, which is the first thing that does not arrive. */
    loseAnswer: (answer: string, asked?: string) =>
      new Promise<void>((fell) => {
        loss = { answer, asked, fell };
      }),
    /** Resolves when the product says the word: the connection breaks before it. */
    breakBefore: (word: string) =>
      new Promise<void>((fell) => {
        breaking = { word, fell };
      }),
    /** What is silent stays silent; a new connection works. */
    thaw() {
      lost = new Set([...pairs].map(({ client }) => client));
      isFrozen = false;
    },
    mend() {
      isCut = false;
      loss = null;
      breaking = null;
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
