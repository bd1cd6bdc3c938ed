import cluster, { type Worker } from 'node:cluster';
import { existsSync } from 'node:fs';
import { EnvError, type LaunchEnv, parseLaunchEnv } from '@/lib/env';
import { type App, startApp } from './serve/app';
import { type Door, makeDoor } from './serve/door';
import { gatherFigures } from './serve/gather-figures';
import { openHealthPort, tryHealthPort } from './serve/health';
import { build, mailboxUrl, startParts, stopBuild, stopDatabase, stopMailbox } from './serve/parts';
import { Refusal } from './serve/refusal';
import { heard, isTold, READY, STOP, startFirstWorker, startWorkers, stopWorkers, WAITING } from './serve/workers';

/**
 * Starts the product: its own database and mailbox where none were given, then the app, in this process or in WEB_CONCURRENCY
 * workers. It stops in reverse order: a running request still has its database, which stops last.
 */
const dev = process.argv.includes('--dev');
/** Runs in an image, which has neither the sources nor the compiler. */
const built = process.argv.includes('--built');
/** One Ctrl-C reaches us from the terminal, and again from each parent that passes it on. */
const SAME_SIGNAL_MS = 1_000;

let door: Door | undefined;
let app: App | undefined;
let first: Worker | undefined;
let variables: Record<string, string> = {};
let stoppingSince = 0;
/** Set only once the product serves: a failed start stops at once. */
let drainMs = 0;
const told = cluster.isWorker ? heard(process, isTold) : undefined;

type Step = (given: LaunchEnv) => Promise<void>;

/** Runs first: a second start on the same port should fail before any other work. Later workers know the port is ours. */
const takePort: Step = async (given) => {
  door = makeDoor(given, dev);
  if ((cluster.worker?.id ?? 1) !== 1) return;
  await door.open();
  await tryHealthPort(given);
};
const buildApp: Step = async () => {
  if (!dev && !built) await build();
};
const supplyParts: Step = async (given) => {
  variables = await startParts(given);
};
const serveApp: Step = async (given) => {
  Object.assign(process.env, variables, { NODE_ENV: dev ? 'development' : 'production' });
  if (door) app = await startApp(given, door, dev);
  await openHealthPort(given);
};

const alone = [takePort, buildApp, supplyParts, serveApp];
const primary: Step[] = [
  async () => {
    gatherFigures();
    first = await startFirstWorker();
  },
  buildApp,
  supplyParts,
  async ({ WEB_CONCURRENCY }) => {
    if (first) await startWorkers(first, WEB_CONCURRENCY, variables);
  },
];
const worker: Step[] = [
  takePort,
  async () => {
    process.send?.(WAITING);
    const message = await told;
    if (!message || message === STOP) return;
    globalThis.rollcallFollows = message.follows;
    variables = message.variables;
  },
  serveApp,
  async () => void process.send?.(READY),
];

function readEnv(): LaunchEnv {
  // Variables of the shell override the files; the first file overrides the second.
  for (const file of ['.env.local', '.env']) if (existsSync(file)) process.loadEnvFile(file);
  return parseLaunchEnv(process.env);
}

/** For the person who started it; the log has its own format. */
const say = (words: string): void => void process.stdout.write(`${words}\n`);

async function start(): Promise<void> {
  const given = readEnv();
  // Hot reload needs a single process.
  const many = !dev && given.WEB_CONCURRENCY > 1;
  for (const step of cluster.isWorker ? worker : many ? primary : alone) {
    await step(given);
    if (stoppingSince) return;
  }
  drainMs = given.DRAIN_SECONDS * 1_000;
  if (cluster.isWorker) return;
  say(`\n  Rollcall  ${given.APP_URL}${many ? `  (${given.WEB_CONCURRENCY} workers)` : ''}`);
  if (mailboxUrl()) say(`  Mailbox   ${mailboxUrl()}`);
  if (!given.DATABASE_URL) say(`  Data      ${given.DATA_DIR}`);
  say('\n  Ctrl-C stops everything.\n');
}

async function stop(code: number): Promise<void> {
  stoppingSince = Date.now();
  globalThis.rollcallStopping = true;
  stopBuild();
  const workersStopped = stopWorkers();
  await started;
  const parts = [
    () => workersStopped,
    async () => door?.close(drainMs),
    async () => app?.stop(),
    stopMailbox,
    stopDatabase,
  ];
  for (const stopPart of parts) await stopPart().catch((error: unknown) => console.error(error));
  process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!stoppingSince) return void stop(0);
    if (Date.now() - stoppingSince < SAME_SIGNAL_MS) return;
    // The second press: exit without waiting. The database is only told to stop.
    void stopDatabase();
    process.exit(1);
  });
}
if (cluster.isWorker) process.on('message', (message) => message === STOP && !stoppingSince && void stop(0));

const started = start().catch((error: unknown) => {
  if (stoppingSince) return;
  if (!(error instanceof EnvError || error instanceof Refusal)) console.error(error);
  else if (error.message) console.error(error.message);
  void stop(1);
});
