import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startEmbeddedPostgres } from '@/db/embedded';
import { RULES } from '@/tests/rules';

/**
 * `npm run test:rules`: takes each rule out of a copy of the committed code and expects its test to fail. If the test still
 * passes, it does not prove the rule. An argument selects the rules whose names contain it.
 */
const copy = mkdtempSync(join(tmpdir(), 'rollcall-rules-'));
// The folder is created private. When root runs this, the database server is another user and must reach it.
chmodSync(copy, 0o755);
const archive = execFileSync('git', ['archive', 'HEAD'], { maxBuffer: 1 << 28 });
execFileSync('tar', ['-x', '-C', copy], { input: archive });
symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
const server = await startEmbeddedPostgres({
  dataDir: join(copy, 'postgres'),
  settings: { fsync: 'off', max_connections: '200' },
});

let isStopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    isStopped = true;
  });

/** Stops at the first test that fails, which is enough to know. */
async function passes(test: string): Promise<boolean> {
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--bail=1', test], {
    cwd: copy,
    stdio: 'ignore',
    env: { ...process.env, TEST_DATABASE_URL: server.url },
  });
  const [code] = await once(child, 'exit');
  return code === 0;
}

async function passesWhole(test: string): Promise<void> {
  if (!isStopped && !(await passes(test))) throw new Error(`${test} fails with every rule in its place.`);
}

const [words = ''] = process.argv.slice(2);
let unproven = 0;
try {
  const rules = RULES.filter(({ rule }) => rule.includes(words));
  if (rules[0]) await passesWhole(rules[0].test);
  for (const { rule, file, take, leave, test } of rules) {
    if (isStopped) break;
    const path = join(copy, file);
    const whole = readFileSync(path, 'utf8');
    if (!whole.includes(take)) throw new Error(`${file} has no “${take}”`);
    writeFileSync(path, whole.replace(take, leave));
    const isUnproven = await passes(test);
    writeFileSync(path, whole);
    if (isStopped) break;
    if (isUnproven) unproven++;
    console.log(`${isUnproven ? 'NOT PROVEN' : 'proven    '}  ${rule}  (${test})`);
  }
  // A failure because the server is gone, or the disk is full, proves nothing.
  if (rules[0]) await passesWhole(rules[0].test);
} finally {
  await server.stop();
  rmSync(copy, { recursive: true, force: true });
}
process.exitCode = unproven > 0 || isStopped ? 1 : 0;
