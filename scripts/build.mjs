import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkNode, install } from './install.mjs';
import { run } from './run.mjs';

/** The inputs of a build. If one of these files changes, the product is built again; otherwise the build is kept. */
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
 * Hosts that build the same sources independently must get the same product: a page from one refers to scripts and actions
 * that another serves. Action names are salted with this value. It never changes, so a form opened before a release can be
 * sent after it. It is no secret: run-time encryption uses a key that the server derives (serve/parts.ts).
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
  // Types that `next dev` left from routes deleted since would fail the build; a stamp must not outlive a failed build.
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
  // In an image, an earlier step has installed the packages. The same sources give the same build anywhere.
  process.exitCode = (process.argv.includes('--installed') ? 0 : await install()) || (await build());
}
