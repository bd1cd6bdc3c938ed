import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../support/free-port';

let dataDir = '';

beforeEach(() => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'rollcall-serve-')), 'data');
});

afterEach(() => rmSync(join(dataDir, '..'), { recursive: true, force: true }));

/** What the server says, started with these variables and no others of the product's. */
async function serve(variables: Record<string, string>): Promise<{ code: number; said: string }> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/serve.ts'], {
    env: { NODE_ENV: 'production', PATH, HOME, DATA_DIR: dataDir, ...variables },
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit'), text(child.stdout)]);
  return { said, code };
}

test('wrong variables are named, each in a sentence, and nothing is started', async () => {
  const { code, said } = await serve({ PORT: 'high', TRUSTED_PROXIES: 'all' });
  expect(said.trim().split('\n')).toEqual([
    'PORT must be a whole number from 1 to 65535.',
    'TRUSTED_PROXIES must be a whole number from 0 to 10.',
  ]);
  expect(code).toBe(1);
  expect(existsSync(dataDir)).toBe(false);
});

test.each(['1', '2'])(
  'a taken port is said in a sentence, before anything is started, by %s of a kind',
  async (WEB_CONCURRENCY) => {
    const squatter = createServer().listen(0);
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const { code, said } = await serve({ PORT: String(port), WEB_CONCURRENCY });
    expect(said.trim()).toBe(`Port ${port} is taken. Set PORT to another one.`);
    expect(code).toBe(1);
    expect(existsSync(dataDir)).toBe(false);
    const health = await serve({ PORT: String(await freePort()), HEALTH_PORT: String(port), WEB_CONCURRENCY });
    expect(health).toEqual({ code: 1, said: `Port ${port} is taken. Set HEALTH_PORT to another one.\n` });
    expect(existsSync(dataDir)).toBe(false);
    squatter.close();
  },
);
