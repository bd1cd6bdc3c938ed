import cluster, { type Worker } from 'node:cluster';
import { type EventEmitter, once } from 'node:events';
import { log } from '@/lib/observe/log';
import { Refusal } from './refusal';

/**
 * Several workers on one machine, as their primary sees them. They share its port, which the first takes before anything
 * is built; the others take it when they can answer. Each waits until it is told the variables to run with. The first boots
 * alone, so that what a start does once (migrations, the set-up link) is done once. One that dies is started again.
 */
// Each takes connections off the port itself. Dealt out by the primary, those on their way to a worker that is killed
// would hang for ever; and one that is busy takes none.
cluster.schedulingPolicy = cluster.SCHED_NONE;

export type Told = { variables: Record<string, string>; follows: boolean };
export const STOP = 'stop';
export const WAITING = 'waiting';
export const READY = 'ready';

export const isTold = (message: unknown): message is Told | typeof STOP =>
  message === STOP || (typeof message === 'object' && message !== null && 'variables' in message);
const isWaiting = (message: unknown): message is typeof WAITING => message === WAITING;
const isReady = (message: unknown): message is typeof READY => message === READY;

/** The first message of that kind: figures are asked for and told by the same way. */
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
/** A worker that lived so long did not die of its start. */
const STEADY_MS = 60_000;

let stopping = false;
const waiting = new Set<NodeJS.Timeout>();

/** Resolves when it holds the port. */
export async function startFirstWorker(): Promise<Worker> {
  const first = cluster.fork();
  await unlessGone(first, heard(first, isWaiting));
  return first;
}

/** Resolves when all have had their start. A follower whose first try failed is being tried again. */
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
      // It may be gone already, and its channel with it.
      if (worker.isConnected()) worker.send(STOP, () => {});
      if (!worker.isDead()) await exit;
    }),
  );
}

async function begin(worker: Worker, told: Told): Promise<void> {
  // The first word of a stop may have come before the worker could hear: it is told again when it says that it waits.
  if (worker.isConnected()) worker.send(stopping ? STOP : told, () => {});
  await unlessGone(worker, heard(worker, isReady));
}

/** It has said why. */
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
      // Should it end before it is ready, its own line says so, and it is tried again.
      follow(number, variables, before + 1).catch(() => {});
    }, waitMs);
    waiting.add(timer);
  });
}
