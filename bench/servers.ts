import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { SERVE } from '@/scripts/run.mjs';

/** A server under measurement, with a probe in it (`measure.ts`). Listens on loopback only. */
export type Running = { origin: string; probes: string; stop(): Promise<void> };
/** The product also answers health checks on a separate port. */
export type Product = Running & { health: string };

const ROOT = resolve(import.meta.dirname, '..');
const NEXT = join(ROOT, 'node_modules/next/dist/bin/next');
const START_MS = 300_000;

type Start = { port: number; env: Record<string, string>; args: string[]; cwd?: string; ready: string };

async function start({ port, env, args, cwd = ROOT, ready }: Start): Promise<Running> {
  const probes = await mkdtemp(join(tmpdir(), 'rollcall-probes-'));
  const server = spawn(process.execPath, ['--import', pathToFileURL(join(ROOT, 'bench/probe.mjs')).href, ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', BENCH_PROBES: probes, ...env },
  });
  const origin = `http://127.0.0.1:${port}`;
  process.once('exit', () => server.kill());
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGTERM');
      await once(server, 'exit');
    }
    await rm(probes, { recursive: true, force: true });
  };
  await answers(`${origin}${ready}`, server).catch(async (error) => {
    await stop();
    throw error;
  });
  return { origin, probes, stop };
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  for (const since = Date.now(); Date.now() - since < START_MS; await sleep(200)) {
    if (server.exitCode !== null) throw new Error(`The server of ${url} ended by ${server.exitCode}`);
    // Time out and retry: a request that reaches a starting server too early may never be answered.
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    await answer?.arrayBuffer().catch(() => null);
    if (answer && answer.status < 500) return;
  }
  throw new Error(`${url} does not answer`);
}

export const startLimit = (port: number, databaseUrl: string): Promise<Running> =>
  start({
    port,
    env: { PORT: String(port), DATABASE_URL: databaseUrl },
    args: ['--import', 'tsx', 'bench/limit/server.ts'],
    ready: '/',
  });

/** Builds the plain page and starts it with the rows of `tenantId`. */
export async function startPlain(port: number, databaseUrl: string, tenantId: string): Promise<Running> {
  const cwd = join(ROOT, 'bench/plain');
  const building = spawn(process.execPath, [NEXT, 'build'], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
  });
  const [code] = await once(building, 'exit');
  if (code !== 0) throw new Error('The plain page cannot be built');
  const env = { DATABASE_URL: databaseUrl, BENCH_TENANT: tenantId };
  return start({ port, cwd, env, args: [NEXT, 'start', '-p', String(port), '-H', '127.0.0.1'], ready: '/' });
}

/** Starts the product like `npm start`; `env` must contain DATABASE_URL and the secrets, or a DATA_DIR. */
export async function startProduct(port: number, env: Record<string, string>): Promise<Product> {
  const healthPort = port + 100;
  const own = { PORT: String(port), HEALTH_PORT: String(healthPort), HOST: '127.0.0.1' };
  const running = await start({
    port,
    env: { ...own, APP_URL: `http://127.0.0.1:${port}`, ...env },
    args: SERVE,
    ready: '/api/health/ready',
  });
  return { ...running, health: `http://127.0.0.1:${healthPort}` };
}
