import cluster, { type Worker } from 'node:cluster';
import { type EventEmitter, once } from 'node:events';
import { log } from '@/lib/observe/log';
import { Refusal } from './refusal';

/**
 * Manages several workers on one machine, in their primary. They share its port, which the first takes before anything is
 * built; the others take it when they can answer. Each waits until it is sent its variables. The first boots alone, so that
 * what a start does once (migrations, the set-up link) is done once. A worker that dies is started again.
 */
// Each worker accepts connections from the port itself. If the primary dealt them out, those on their way to a killed worker
// would hang for ever. A busy worker accepts none.
cluster.schedulingPolicy = cluster.SCHED_NONE;

export type Told = { variables: Record<string, string>; follows: boolean };
export const STOP = 'stop';
export const WAITING = 'waiting';
export const READY = 'ready';

export const isTold = (message: unknown): message is Told | typeof STOP =>
  message === STOP || (typeof message === 'object' && message !== null && 'variables' in message);
const isWaiting = (message: unknown): message is typeof WAITING => message === WAITING;
const isReady = (message: unknown): message is typeof READY => message === READY;

/** Waits for the first message of that kind; metrics use the same channel. */
export const heard = <T>(from: EventEmitter, isIt: (message: unknown) => message is T): Promise<T> =>
  new Promise((resolve) => {
    const heed = (message: unknown) => {
      if (!isIt(message)) return;
      from.off('message', heed);
      resolve(message);
    };
    from.on('message', heed);
  });

const AGAIN_MS = 500;
const AGAIN_AT_MOST_MS = 30_000;
/** A worker that lived this long did not die from its start. */
const STEADY_MS = 60_000;

let stopping = false;
const waiting = new Set<NodeJS.Timeout>();

/** Resolves when it holds the port. */
export async function startFirstWorker(): Promise<Worker> {
  const first = cluster.fork();
  await unlessGone(first, heard(first, isWaiting));
  return first;
}

/** Resolves when each has started, or failed once. A follower that failed is being retried. */
export async function startWorkers(first: Worker, count: number, variables: Record<string, string>): Promise<void> {
  await begin(first, { variables, follows: false });
  keep(first, 1, variables);
  await Promise.allSettled(Array.from({ length: count - 1 }, (_, index) => follow(index + 2, variables)));
}

export async function stopWorkers(): Promise<void> {
  stopping = true;
  for (const timer of waiting) clearTimeout(timer);
  const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
  await Promise.all(
    workers.map(async (worker) => {
      const exit = once(worker, 'exit');
      // It may have exited already, which closes its channel.
      if (worker.isConnected()) worker.send(STOP, () => {});
      if (!worker.isDead()) await exit;
    }),
  );
}

async function begin(worker: Worker, told: Told): Promise<void> {
  // An earlier STOP may have come before the worker could receive it, so it is sent again once the worker says that it waits.
  if (worker.isConnected()) worker.send(stopping ? STOP : told, () => {});
  await unlessGone(worker, heard(worker, isReady));
}

/** The worker has already printed the reason. */
const unlessGone = <T>(worker: Worker, what: Promise<T>): Promise<T> =>
  Promise.race([
    what,
    once(worker, 'exit').then(() => {
      throw new Refusal();
    }),
  ]);

async function follow(number: number, variables: Record<string, string>, failures = 0): Promise<void> {
  const worker = cluster.fork();
  keep(worker, number, variables, failures);
  await unlessGone(worker, heard(worker, isWaiting));
  await begin(worker, { variables, follows: true });
}

function keep(worker: Worker, number: number, variables: Record<string, string>, failures = 0): void {
  const since = Date.now();
  worker.once('exit', (code, signal) => {
    if (stopping) return;
    const before = Date.now() - since < STEADY_MS ? failures : 0;
    const waitMs = Math.min(AGAIN_MS * 2 ** before, AGAIN_AT_MOST_MS);
    log.error(`Worker ${number} ended by ${signal ?? `code ${code}`}. It is started again in ${waitMs / 1000} s.`);
    const timer = setTimeout(() => {
      waiting.delete(timer);
      // If it ends before it is ready, its own exit listener logs that and retries.
      follow(number, variables, before + 1).catch(() => {});
    }, waitMs);
    waiting.add(timer);
  });
}
