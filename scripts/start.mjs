import { spawn } from 'node:child_process';
import { build } from './build.mjs';
import { checkNode, install } from './install.mjs';

/** `npm start` and `npm run dev`: install, build, serve. What is done already is not done again. */
checkNode();
install();
const dev = process.argv.includes('--dev');
if (!dev) build();

const server = spawn(process.execPath, ['--import', 'tsx', 'scripts/serve.ts', ...(dev ? ['--dev'] : [])], {
  stdio: 'inherit',
  env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: dev ? 'development' : 'production' },
});
// Ctrl-C reaches the server by itself, from the terminal; a SIGTERM to this process has to be handed on.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => server.kill('SIGTERM'));
server.on('exit', (code) => process.exit(code ?? 1));
