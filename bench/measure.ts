import { readdir } from 'node:fs/promises';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type Answer, type Sent, send } from './forms';

/**
 * Compares the cost of responses: rounds alternate between the subjects, so that a busy moment of the machine affects all of
 * them. Each server runs with `--import ./bench/probe.mjs` and its own folder in BENCH_PROBES. Only ratios within one run are
 * meaningful, not times.
 */
export type Subject = {
  name: string;
  url: string;
  headers?: Record<string, string>;
  /** The folder with the probes of its server, one per process. */
  probes: string;
  status?: number;
  /** Creates the next request, for subjects whose requests differ. */
  next?: () => Sent & { url?: string };
  seen?: (body: Buffer) => void;
  /** Called for a response with another status. True if that is fine and the next request is updated; it is not counted. */
  renew?: (answer: Answer) => boolean;
};
type Load = { concurrency: number; rounds: number; requests: number; warmUp?: number };
export type Cost = {
  name: string;
  /** CPU time of all the server's processes per request. */
  cpuMs: number;
  p50: number;
  p95: number;
  perSecond: number;
  bytes: number;
  gzipped: number;
  rssMb: number;
};

export const median = (values: number[]): number => quantile(values, 0.5);

export function quantile(values: number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

type Usage = { cpuMs: number; rss: number; handles: number };

/** Totals over the server's processes: CPU used so far, current memory, and open handles (sockets, timers and the like). */
export async function usage(probes: string): Promise<Usage> {
  const sockets = (await readdir(probes)).filter((name) => name.endsWith('.sock'));
  const told = await Promise.all(sockets.map((name) => text(connect(join(probes, name))).catch(() => null)));
  const alive = told.flatMap((words) => (words ? [JSON.parse(words) as Usage] : []));
  if (alive.length === 0) throw new Error(`No probe answers in ${probes}`);
  return alive.reduce((sum, one) => ({
    cpuMs: sum.cpuMs + one.cpuMs,
    rss: sum.rss + one.rss,
    handles: sum.handles + one.handles,
  }));
}

function ask({ url, headers = {}, next }: Subject, agent: Agent): Promise<Answer> {
  const own = next?.();
  return send(own?.url ?? url, agent, { headers, ...own });
}

async function round(subject: Subject, { concurrency, requests }: Load, agent: Agent) {
  const before = await usage(subject.probes);
  const began = performance.now();
  const answers: Answer[] = [];
  let left = requests;
  const worker = async () => {
    while (left-- > 0) {
      const answer = await ask(subject, agent);
      if (answer.status !== (subject.status ?? 200)) {
        if (subject.renew?.(answer)) continue;
        throw new Error(`${subject.name} answers ${answer.status}`);
      }
      subject.seen?.(answer.body);
      answers.push(answer);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - began) / 1000;
  const after = await usage(subject.probes);
  return {
    cpuMs: (after.cpuMs - before.cpuMs) / requests,
    times: answers.map(({ ms }) => ms),
    perSecond: requests / seconds,
    body: answers[0]?.body ?? Buffer.alloc(0),
    rss: after.rss,
  };
}

/** Medians over the rounds. Warm-up rounds (two by default) come first, so that code is compiled and caches are warm. */
export async function measure(subjects: Subject[], load: Load): Promise<Cost[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.concurrency });
  const rounds = subjects.map((): Awaited<ReturnType<typeof round>>[] => []);
  for (let i = -(load.warmUp ?? 2); i < load.rounds; i++) {
    for (const [s, subject] of subjects.entries()) {
      const seen = await round(subject, load, agent);
      if (i >= 0) rounds[s]?.push(seen);
    }
  }
  agent.destroy();
  return subjects.map(({ name }, s) => {
    const seen = rounds[s] ?? [];
    const times = seen.flatMap((one) => one.times);
    const body = seen[0]?.body ?? Buffer.alloc(0);
    return {
      name,
      cpuMs: median(seen.map(({ cpuMs }) => cpuMs)),
      p50: median(times),
      p95: quantile(times, 0.95),
      perSecond: median(seen.map(({ perSecond }) => perSecond)),
      bytes: body.length,
      gzipped: gzipSync(body).length,
      rssMb: Math.round((seen.at(-1)?.rss ?? 0) / 2 ** 20),
    };
  });
}

/** The costs by subject name, as a row of the results stores them. */
export const costOf = (costs: Cost[]): Record<string, Record<string, number>> =>
  Object.fromEntries(costs.map(({ name, ...figures }) => [name, figures]));

/** One line per subject, compared with the first. */
export function table(costs: Cost[]): string {
  const [yard] = costs;
  return costs
    .map((cost) =>
      [
        cost.name.padEnd(28),
        `${cost.cpuMs.toFixed(2)} ms CPU`.padStart(14),
        `× ${(cost.cpuMs / (yard?.cpuMs ?? 1)).toFixed(2)}`.padStart(9),
        `p50 ${cost.p50.toFixed(1)} ms`.padStart(14),
        `× ${(cost.p50 / (yard?.p50 ?? 1)).toFixed(2)}`.padStart(9),
        `${cost.perSecond.toFixed(0)}/s`.padStart(8),
        `${cost.bytes} B (${cost.gzipped} gz)`.padStart(24),
        `${cost.rssMb} MiB`.padStart(9),
      ].join(' '),
    )
    .join('\n');
}
