import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './install.mjs';

/** What a build is made of. Another file changed means another build; anything else is left as it is. */
const SOURCES = [
  'app',
  'components',
  'db',
  'lib',
  'proxy.ts',
  'instrumentation.ts',
  'next.config.js',
  'package-lock.json',
  'postcss.config.mjs',
  'tsconfig.json',
];

function* filesOf(path) {
  if (/\.\w+$/.test(path)) return yield path;
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) yield* filesOf(inner);
    else yield inner;
  }
}

export function build() {
  const dist = process.env.NEXT_DIST_DIR || '.next';
  const hash = createHash('sha256');
  for (const source of SOURCES) for (const file of filesOf(source)) hash.update(file).update(readFileSync(file));
  const digest = hash.digest('hex');
  const stamp = join(dist, 'rollcall-sources');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  console.log('Building …');
  // Types that `next dev` left of routes deleted since would fail the build.
  rmSync(join(dist, 'dev'), { recursive: true, force: true });
  run(process.execPath, ['node_modules/next/dist/bin/next', 'build']);
  writeFileSync(stamp, digest);
}

if (process.argv[1]?.endsWith('build.mjs')) build();
