import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

// npm's shell dies of a SIGTERM without passing it on. A process left without it would serve, or test, for ever.
if (process.env.npm_lifecycle_event) {
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}

/** Runs a command in this terminal until it ends, and passes on the signals that reach us. Resolves to its exit code. */
export function run(command, args, env = {}) {
  const child = spawn(command, args, {
    stdio: 'inherit',
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
    shell: process.platform === 'win32' && !command.endsWith('.exe'),
  });
  const handOn = (signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, handOn);
  return new Promise((resolve) => {
    const end = (code) => {
      for (const signal of SIGNALS) process.off(signal, handOn);
      resolve(code);
    };
    child.on('error', ({ message }) => {
      console.error(message);
      end(1);
    });
    child.on('exit', (code, signal) => end(code ?? 128 + constants.signals[signal]));
  });
}

/** Runs a tool of `node_modules`, without a shell or npx between it and the signals. */
export const runTool = (path, ...args) => run(process.execPath, [`node_modules/${path}`, ...args]);

/**
 * Node's arguments for the server. A page leaves some megabytes of garbage, and most of what sixteen concurrent requests still
 * need is copied each time the young generation is full. At twice its usual size it is collected half as often (decision 32).
 */
export const SERVE = ['--max-semi-space-size=32', '--import', 'tsx', 'scripts/serve.ts'];
