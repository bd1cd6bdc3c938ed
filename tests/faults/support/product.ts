import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** The built product in a process of its own, which a test may kill. */
export type Product = Awaited<ReturnType<typeof product>>;

export async function product(variables: Record<string, string>) {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const { PATH, HOME } = process.env;
  let child: ChildProcess | undefined;
  let said = '';

  const answers = (path: string): Promise<number> =>
    fetch(`${origin}${path}`, { signal: AbortSignal.timeout(10_000) }).then(
      async (answer) => (await answer.arrayBuffer()) && answer.status,
      () => 0,
    );
  const isReady = async (withinMs = 60_000): Promise<number> => {
    for (const since = Date.now(); ; await sleep(50)) {
      if ((await answers('/api/health/ready')) === 200) return Date.now() - since;
      if (Date.now() - since > withinMs)
        throw new Error(`The product was not ready within ${withinMs} ms. It said: ${said}`);
    }
  };
  const neverStarted = (): never => {
    throw new Error(`The product ended instead of starting. It said: ${said}`);
  };
  return {
    port,
    origin,
    answers,
    /** Milliseconds until it can work. */
    isReady,
    said: () => said,
    pid: () => Number(child?.pid),
    async start(more: Record<string, string> = {}): Promise<number> {
      const started = spawn(process.execPath, ['--import', 'tsx', 'scripts/serve.ts', '--built'], {
        env: { NODE_ENV: 'production', PATH, HOME, PORT: String(port), APP_URL: origin, ...variables, ...more },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      for (const stream of [started.stdout, started.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk));
      return Promise.race([isReady(), once(started, 'exit').then(neverStarted)]);
    },
    /** As a machine that loses its power, or the kernel that runs out of memory: it gets no chance to clean up. */
    async kill(): Promise<void> {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    /** Its exit code. */
    async stop(): Promise<number | null> {
      if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
      child.kill('SIGTERM');
      await once(child, 'exit');
      return child.exitCode;
    },
  };
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
