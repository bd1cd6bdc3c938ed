import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkNode, install } from './install.mjs';
import { run } from './run.mjs';

/** What a build is made of. Another file changed means another build; anything else is left as it is. */
const SOURCES = [
  'app',
  'components',
  'db',
  'lib',
  'public',
  'proxy.ts',
  'instrumentation.ts',
  'next.config.js',
  'package-lock.json',
  'postcss.config.mjs',
  'tsconfig.json',
];

/**
 * Hosts that build the same sources by themselves must come to the same product: a page of one names scripts and actions
 * that another answers for. The name of an action is salted with this; unchanged, it also outlives a release, so that a form
 * opened before one can be sent after it. It is no secret: what is encrypted at run time goes by a key that the server
 * derives (serve/parts.ts).
 */
const ACTION_SALT = createHash('sha256').update('rollcall actions').digest('base64');

function* filesOf(path) {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) return yield path;
  for (const name of readdirSync(path).sort()) yield* filesOf(join(path, name));
}

/** Resolves to the exit code. */
export async function build() {
  const dist = process.env.NEXT_DIST_DIR || '.next';
  const hash = createHash('sha256');
  for (const source of SOURCES) for (const file of filesOf(source)) hash.update(`${file}\0`).update(readFileSync(file));
  const digest = hash.digest('hex');
  const stamp = join(dist, 'rollcall-sources');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return 0;
  console.log('Building …');
  // Types that `next dev` left of routes deleted since would fail the build; a stamp must not outlive a failed one.
  for (const leftover of [stamp, join(dist, 'dev')]) rmSync(leftover, { recursive: true, force: true });
  const code = await run(process.execPath, ['node_modules/next/dist/bin/next', 'build'], {
    NODE_ENV: 'production',
    NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: ACTION_SALT,
    ROLLCALL_SOURCES: digest,
  });
  if (code === 0) writeFileSync(stamp, digest);
  return code;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  checkNode();
  // In an image the step before has installed, and wherever the same sources are built the same comes of them.
  process.exitCode = (process.argv.includes('--installed') ? 0 : await install()) || (await build());
}
