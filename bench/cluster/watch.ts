import { setTimeout as sleep } from 'node:timers/promises';

type Seen = { status: string; host: string; ms: number };

/** Requests the sign-in page up to ten times a second, each time on a new connection. */
export function watch(origin: string): { stop(): Promise<string> } {
  const seen: Seen[] = [];
  let over = false;
  const loop = (async () => {
    while (!over) {
      const began = Date.now();
      const answer = await fetch(`${origin}/sign-in`, {
        headers: { connection: 'close' },
        signal: AbortSignal.timeout(10_000),
      }).catch(() => null);
      await answer?.arrayBuffer().catch(() => null);
      // If the first host did not answer, nginx lists both.
      const host = answer?.headers.get('x-host')?.split(', ').at(-1) ?? 'nobody';
      seen.push({ status: String(answer?.status ?? 'no answer'), host, ms: Date.now() - began });
      await sleep(100);
    }
  })();
  return {
    async stop() {
      over = true;
      await loop;
      const slowest = Math.max(...seen.map(({ ms }) => ms));
      return `${counts(seen.map(({ status }) => status))}; by ${counts(seen.map(({ host }) => host))}; slowest ${slowest} ms`;
    },
  };
}

function counts(words: string[]): string {
  const of = new Map<string, number>();
  for (const word of words) of.set(word, (of.get(word) ?? 0) + 1);
  return [...of].map(([word, count]) => `${count} × ${word}`).join(', ');
}
