import { checkNode, install } from './install.mjs';
import { run, SERVE } from './run.mjs';

/** `npm start` and `npm run dev`: installs what is missing, then runs the server, which builds and serves. */
checkNode();
process.exitCode = (await install()) || (await run(process.execPath, [...SERVE, ...process.argv.slice(2)]));
