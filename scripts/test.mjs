import { rmSync } from 'node:fs';
import { ensureBrowser } from './browser.mjs';
import { build } from './build.mjs';
import { ensureIdp } from './idp.mjs';
import { checkNode, install } from './install.mjs';
import { runTool } from './run.mjs';

/** `npm test`: everything that must hold, in named steps. The first failure ends it. */
const STEPS = [
  ['packages', install],
  ['browser', ensureBrowser],
  ['identity provider', ensureIdp],
  ['lint and format', () => runTool('@biomejs/biome/bin/biome', 'ci', '.')],
  ['types', types],
  ['unit and integration', () => runTool('vitest/vitest.mjs', 'run')],
  ['build', build],
  ['stories in a browser', () => runTool('@playwright/test/cli.js', 'test')],
  // Six more minutes, so only in CI.
  ...(process.env.CI
    ? [['faults', () => runTool('vitest/vitest.mjs', 'run', '--config', 'vitest.faults.config.ts')]]
    : []),
];

async function types() {
  // Types that `next dev` left from routes deleted since.
  rmSync('.next/dev/types', { recursive: true, force: true });
  return (await runTool('next/dist/bin/next', 'typegen')) || (await runTool('typescript/bin/tsc', '--noEmit'));
}

checkNode();
const rows = [];
for (const [name, step] of STEPS) {
  console.log(`\n── ${name}`);
  const began = Date.now();
  process.exitCode = await step();
  const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(7);
  rows.push(`${process.exitCode === 0 ? 'passed' : 'FAILED'} ${seconds} s  ${name}`);
  if (process.exitCode !== 0) break;
}
for (const [name] of STEPS.slice(rows.length)) rows.push(`not run            ${name}`);
console.log(`\n${rows.join('\n')}`);
