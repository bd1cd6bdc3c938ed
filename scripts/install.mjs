import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { run } from './run.mjs';

/** Plain JavaScript without dependencies: it runs before anything is installed. */
const STAMP = 'node_modules/.rollcall-lock';

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 12)) return;
  console.error(`Rollcall needs Node 20.12 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Installs what package-lock.json names, unless that is already installed for this kind of machine. */
export async function install() {
  const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
  const wanted = `${process.platform}-${process.arch} ${lock}`;
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return 0;
  console.log('Installing packages …');
  const code = await run('npm', ['ci', '--no-audit', '--no-fund', '--include=dev', '--loglevel=error']);
  if (code === 0) writeFileSync(STAMP, wanted);
  return code;
}
