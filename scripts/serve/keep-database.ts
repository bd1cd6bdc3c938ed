import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbeddedPostgres } from '@/db/embedded';
import { log } from '@/lib/observe/log';

const WAIT_MS = { first: 200, most: 10_000 };

/**
 * Keeps the embedded server running as long as the product: if it ends by itself (killed, out of memory, out of disk), it is
 * started again at the same address until it stays. Committed data survives; the app's connections reconnect by themselves.
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
      // An operator's shell was quicker, at another address. That server ends with the shell.
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
      // It may have been starting during the stop.
      await server.stop();
    },
  };
}
