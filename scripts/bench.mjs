import { build } from './build.mjs';
import { checkNode, install } from './install.mjs';
import { run } from './run.mjs';

/** `npm run bench`: installs what is missing, builds if sources have changed, then measures; `bench/run.ts` says what. */
checkNode();
process.exitCode =
  (await install()) ||
  (await build()) ||
  (await run(process.execPath, ['--import', 'tsx', 'bench/run.ts', ...process.argv.slice(2)]));
