import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVE } from '@/scripts/run.mjs';

const ROOT = resolve(import.meta.dirname, '../..');

export type Host = {
  name: string;
  start(): Promise<void>;
  /** SIGKILL, like a machine that dies. */
  kill(): Promise<void>;
  stop(): Promise<void>;
};

/** Gives a host its own checkout, where it builds, since hosts share no folder. An existing checkout is updated. */
export function checkOut(dir: string, name: string): string {
  const checkout = join(dir, name);
  mkdirSync(checkout, { recursive: true });
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0').filter(Boolean);
  for (const file of files) if (existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(checkout, file));
  if (!existsSync(join(checkout, 'node_modules')))
    execFileSync('cp', ['-al', join(ROOT, 'node_modules'), join(checkout, 'node_modules')]);
  return checkout;
}

/** Runs the product on a host like `npm start`, with its own process, port and data folder. */
export function hostOf(dir: string, name: string, checkout: string, port: number, env: Record<string, string>): Host {
  let server: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals) => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    server.kill(signal);
    await once(server, 'exit');
  };
  return {
    name,
    async start() {
      const log = openSync(join(dir, `${name}.log`), 'a');
      server = spawn(process.execPath, SERVE, {
        cwd: checkout,
        stdio: ['ignore', log, log],
        env: { ...process.env, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port), ...env },
      });
      for (const since = Date.now(); Date.now() - since < 600_000; await sleep(200)) {
        if (server.exitCode !== null) throw new Error(`${name} ended at once; ${dir}/${name}.log says why.`);
        const answer = await fetch(`http://127.0.0.1:${port}/api/health/ready`).catch(() => null);
        if (answer?.ok) return;
      }
      throw new Error(`${name} does not come up.`);
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}
