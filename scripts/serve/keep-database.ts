import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbeddedPostgres } from '@/db/embedded';
import { log } from '@/lib/observe/log';

const WAIT_MS = { first: 200, most: 10_000 };

/**
 * The embedded server for as long as the product runs: one that ends by itself (killed, out of memory, out of disk) is
 * started again, at the same address, until it stays. What was committed is there; the app's connections come back alone.
 */
export async function keepDatabase(
  options: EmbeddedOptions,
  say: (line: string) => void = log.error,
): Promise<EmbeddedPostgres> {
  let server = await startEmbeddedPostgres(options);
  const { url, reused, ended } = server;
  const again = { ...options, port: Number(new URL(url).port) };
  let stopping = false;

  const keeping = (async () => {
    for (let waitMs = WAIT_MS.first; !stopping; ) {
      await server.ended;
      if (stopping) return;
      say('The embedded database ended by itself; it is started again.');
      await sleep(waitMs);
      waitMs = Math.min(waitMs * 2, WAIT_MS.most);
      const started = await startEmbeddedPostgres(again).catch(({ message }: Error) => say(message));
      // Somebody's shell was quicker, at an address of its own: it goes when they go.
      if (started?.url !== url) continue;
      server = started;
      waitMs = WAIT_MS.first;
    }
  })();
  return {
    url,
    reused,
    ended,
    async stop() {
      stopping = true;
      await server.stop();
      if (!server.reused) await keeping;
      // It was being started at the moment of the stop.
      await server.stop();
    },
  };
}
