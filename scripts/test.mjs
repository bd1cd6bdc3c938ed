import { ensureBrowser } from './browser.mjs';
import { build } from './build.mjs';
import { checkNode, install, run } from './install.mjs';

/** `npm test`: everything that must hold, in named steps; the first that fails ends it. */
const bin = (path, ...args) => run(process.execPath, [`node_modules/${path}`, ...args]);

const STEPS = [
  ['packages', install],
  ['browser', ensureBrowser],
  ['lint and format', () => bin('@biomejs/biome/bin/biome', 'ci', '.')],
  [
    'types',
    () => {
      bin('next/dist/bin/next', 'typegen');
      bin('typescript/bin/tsc', '--noEmit');
    },
  ],
  ['unit and integration', () => bin('vitest/vitest.mjs', 'run')],
  ['build', build],
  ['stories in a browser', () => bin('@playwright/test/cli.js', 'test')],
];

checkNode();
const times = [];
for (const [name, step] of STEPS) {
  console.log(`\n── ${name}`);
  const began = Date.now();
  step();
  times.push(`${((Date.now() - began) / 1000).toFixed(1).padStart(7)} s  ${name}`);
}
console.log(`\n${times.join('\n')}`);
