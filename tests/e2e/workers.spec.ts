import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { freePort } from '../support/free-port';

test.setTimeout(180_000);

/** The product in two workers, on a database of its own. */
async function startTwo(dataDir: string) {
  const [port, healthPort] = [await freePort(), await freePort()];
  const ports = { PORT: String(port), HEALTH_PORT: String(healthPort) };
  const { PATH, HOME } = process.env;
  const primary = spawn(process.execPath, ['--import', 'tsx', 'scripts/serve.ts'], {
    env: { NODE_ENV: 'production', PATH, HOME, DATA_DIR: dataDir, ...ports, WEB_CONCURRENCY: '2' },
  });
  let said = '';
  for (const stream of [primary.stdout, primary.stderr]) stream.on('data', (chunk) => (said += chunk));
  await expect.poll(() => said, { timeout: 120_000 }).toContain('Ctrl-C stops everything');
  return { primary, origin: `http://localhost:${port}`, health: `http://localhost:${healthPort}`, said: () => said };
}

/** The workers' process ids: the primary's children that run what it runs. */
const workersOf = ({ pid }: ChildProcess): number[] =>
  execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .filter(([, , parent, command]) => Number(parent) === pid && command?.includes('serve.ts'))
    .map(([, worker]) => Number(worker));

/** On a connection of its own. Null for none within ten seconds, or none that answers. */
const statusOf = (url: string): Promise<number | null> =>
  fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(10_000) }).then(
    ({ status }) => status,
    () => null,
  );

test('two workers share one port; one that is killed is started again, and a stop ends them all', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'rollcall-workers-'));
  chmodSync(dataDir, 0o755);
  const { primary, origin, health, said } = await startTwo(dataDir);
  expect(await statusOf(`${health}/api/health/ready`)).toBe(200);
  expect(await statusOf(`${health}/sign-in`)).toBe(404);
  try {
    // What a start does once is done once.
    expect(said().match(/\/setup\?token=/g)).toHaveLength(1);
    const [killed = 0, other] = workersOf(primary);
    expect(other).toBeDefined();

    process.kill(killed, 'SIGKILL');
    // Nobody who comes now notices: the other worker answers, and the new one takes nobody before it can.
    const answers = new Set<number | null>();
    for (const since = Date.now(); Date.now() - since < 10_000; ) answers.add(await statusOf(`${origin}/sign-in`));
    expect([...answers]).toEqual([200]);
    expect(workersOf(primary).filter((pid) => pid !== killed)).toHaveLength(2);
    expect(said()).toContain('Worker 1 ended by SIGKILL. It is started again in 0.5 s.');
    // The new one by itself, since it took over what the first one booted with.
    process.kill(other ?? 0, 'SIGKILL');
    await expect.poll(() => statusOf(`${origin}/api/health/ready`), { timeout: 60_000 }).toBe(200);
  } finally {
    const workers = workersOf(primary);
    primary.kill('SIGTERM');
    expect(await once(primary, 'exit')).toEqual([0, null]);
    for (const pid of workers) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    rmSync(dataDir, { recursive: true, force: true });
  }
});
