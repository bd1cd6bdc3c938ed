import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { EnvError, type LaunchEnv, parseLaunchEnv } from '@/lib/env';
import { type App, startApp } from './serve/app';
import { type Door, openDoor } from './serve/door';
import { build, mailboxUrl, startParts, stopBuild, stopDatabase, stopMailbox } from './serve/parts';
import { Refusal } from './serve/refusal';
import { READY, STOP, startFirstWorker, startWorkers, stopWorkers, type Told } from './serve/workers';

/**
 * The product: its own database and mailbox where none were given, then the app, in this process or in WEB_CONCURRENCY
 * workers. It stops the other way round: a request under way still has its database, which goes last.
 */
const dev = process.argv.includes('--dev');
/** One Ctrl-C reaches us from the terminal, and again from each parent that hands it on. */
const SAME_SIGNAL_MS = 1_000;

let door: Door | undefined;
let app: App | undefined;
let first: Worker | undefined;
let variables: Record<string, string> = {};
let stoppingSince = 0;
const told = cluster.isWorker ? once(process, 'message') : undefined;

type Step = (given: LaunchEnv) => Promise<void>;

/** First of all: a second start on the same port should fail before it has cost anything. */
const takePort: Step = async (given) => {
  door = await openDoor(given, dev);
};
const buildApp: Step = async () => {
  if (!dev) await build();
};
const supplyParts: Step = async (given) => {
  variables = await startParts(given);
};
const serveApp: Step = async (given) => {
  Object.assign(process.env, variables, { NODE_ENV: dev ? 'development' : 'production' });
  if (door) app = await startApp(given, door, dev);
};

const alone = [takePort, buildApp, supplyParts, serveApp];
const primary: Step[] = [
  async () => {
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
    const [message] = (await told) as [Told | typeof STOP];
    if (message === STOP) return;
    globalThis.rollcallFollows = message.follows;
    variables = message.variables;
  },
  serveApp,
  async () => void process.send?.(READY),
];

function readEnv(): LaunchEnv {
  // What the shell has set wins over the files; the first file wins over the second.
  for (const file of ['.env.local', '.env']) if (existsSync(file)) process.loadEnvFile(file);
  return parseLaunchEnv(process.env);
}

async function start(): Promise<void> {
  const given = readEnv();
  // Hot reload is one process.
  const many = !dev && given.WEB_CONCURRENCY > 1;
  for (const step of cluster.isWorker ? worker : many ? primary : alone) {
    await step(given);
    if (stoppingSince) return;
  }
  if (cluster.isWorker) return;
  console.log(`\n  Rollcall  ${given.APP_URL}${many ? `  (${given.WEB_CONCURRENCY} workers)` : ''}`);
  if (mailboxUrl()) console.log(`  Mailbox   ${mailboxUrl()}`);
  if (!given.DATABASE_URL) console.log(`  Data      ${given.DATA_DIR}`);
  console.log('\n  Ctrl-C stops everything.\n');
}

async function stop(code: number): Promise<void> {
  stoppingSince = Date.now();
  stopBuild();
  const workersStopped = stopWorkers();
  await started;
  const parts = [() => workersStopped, async () => door?.close(), async () => app?.stop(), stopMailbox, stopDatabase];
  for (const stopPart of parts) await stopPart().catch((error: unknown) => console.error(error));
  process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!stoppingSince) return void stop(0);
    if (Date.now() - stoppingSince < SAME_SIGNAL_MS) return;
    // The second press: nothing is waited for, and the database is only told.
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
