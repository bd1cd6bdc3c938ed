import { setTimeout as sleep } from 'node:timers/promises';
import { median, usage } from './measure';

/** A sample of a server's memory and handles under load. `watch` samples at an interval until `stop`. */
export type Look = { atMs: number; rss: number; handles: number };
const MIB = 2 ** 20;

export function watch(probes: string, everyMs: number): { looks: Look[]; stop(): Promise<void> } {
  const looks: Look[] = [];
  const began = performance.now();
  let watching = true;
  const ended = (async () => {
    for (; watching; await sleep(everyMs)) {
      const { rss, handles } = await usage(probes);
      looks.push({ atMs: performance.now() - began, rss, handles });
    }
  })();
  return {
    looks,
    stop: () => {
      watching = false;
      return ended;
    },
  };
}

/** The median in a part of the watched time; `from` and `to` are fractions of that time. */
export function within(looks: Look[], of: 'rss' | 'handles', from: number, to: number): number {
  const end = looks.at(-1)?.atMs ?? 0;
  const part = looks.filter(({ atMs }) => atMs >= from * end && atMs <= to * end);
  return median(part.map((look) => look[of])) / (of === 'rss' ? MIB : 1);
}

export const most = (looks: Look[], of: 'rss' | 'handles'): number =>
  Math.max(...looks.map((look) => look[of])) / (of === 'rss' ? MIB : 1);
