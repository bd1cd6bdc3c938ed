import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';

const RUNNER = `
  import { run } from './scripts/run.mjs';
  process.exitCode = await run(process.execPath, ['-e', process.env.COMMAND]);
`;
const WAITS = `
  process.on('SIGTERM', () => { console.log('told'); process.exit(3); });
  setInterval(() => {}, 1000);
  console.log('ready');
`;

/** A process that runs the command by `run`; through a shell that stays in between, as npm's does, if asked. */
function running(command: string, shell = false) {
  const node = ['--input-type=module', '-e', RUNNER];
  const env = { ...process.env, COMMAND: command, npm_lifecycle_event: shell ? 'start' : '' };
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
  return shell
    ? spawn('/bin/sh', ['-c', '"$@"; exit $?', 'sh', process.execPath, ...node], { env, stdio })
    : spawn(process.execPath, node, { env, stdio });
}

describe.skipIf(process.platform === 'win32')('a command run from a script', () => {
  test('ends the script with its own exit code', async () => {
    expect(await once(running('process.exit(7)'), 'exit')).toEqual([7, null]);
  });

  test('that is killed counts as failed', async () => {
    expect(await once(running('process.kill(process.pid, "SIGKILL")'), 'exit')).toEqual([137, null]);
  });

  test('is told of a signal to the script, and waited for', async () => {
    const script = running(WAITS);
    const exit = once(script, 'exit');
    let output = '';
    script.stdout.on('data', (chunk) => {
      output += chunk;
      if (output === 'ready\n') script.kill('SIGTERM');
    });
    expect(await exit).toEqual([3, null]);
    expect(output).toBe('ready\ntold\n');
  });

  test('does not outlive the shell that npm put in between', async () => {
    const shell = running(WAITS, true);
    let output = '';
    const ended = once(shell.stdout, 'end');
    shell.stdout.on('data', (chunk) => {
      output += chunk;
      if (output === 'ready\n') shell.kill('SIGKILL');
    });
    await ended;
    expect(output).toBe('ready\ntold\n');
  });
});
