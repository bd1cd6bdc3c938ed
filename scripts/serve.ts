import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { EnvError, type LaunchEnv, parseLaunchEnv } from '@/lib/env';
import { trustForwarded } from './forwarded';
import { startMailbox } from './mailbox/mailbox';
import { supplyDatabase, supplySecrets } from './own-parts';

/**
 * The product in one process: its own database and mailbox where none were given, then the app. What was started is
 * stopped in reverse, so the database goes last.
 */
const dev = process.argv.includes('--dev');
const REQUESTS_FINISH_MS = 10_000;
const MAILBOX = { smtpPort: 1025, webPort: 8025 };

const stops: (() => Promise<void>)[] = [];
let stopping = false;

async function stopAll(code: number): Promise<never> {
  if (stopping) process.exit(1);
  stopping = true;
  for (const stop of stops.reverse()) await stop().catch((error: unknown) => console.error(error));
  process.exit(code);
}

process.on('SIGINT', () => void stopAll(0));
process.on('SIGTERM', () => void stopAll(0));

function readEnv(): LaunchEnv {
  // What the shell has set wins over the files; the first file wins over the second.
  for (const file of ['.env.local', '.env']) if (existsSync(file)) process.loadEnvFile(file);
  try {
    return parseLaunchEnv(process.env);
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    console.error(error.message);
    return process.exit(1);
  }
}

async function serve(): Promise<void> {
  const given = readEnv();
  const secrets = await supplySecrets(given);
  const database = await supplyDatabase(given);
  stops.push(database.stop);
  const mailbox = given.SMTP_URL ? null : await startMailbox({ dir: join(given.DATA_DIR, 'mailbox'), ...MAILBOX });
  if (mailbox) stops.push(mailbox.stop);

  Object.assign(process.env, secrets, {
    NODE_ENV: dev ? 'development' : 'production',
    PORT: String(given.PORT),
    APP_URL: given.APP_URL,
    DATABASE_URL: database.url,
    SMTP_URL: given.SMTP_URL ?? mailbox?.smtpUrl,
    NEXTAUTH_URL: given.APP_URL,
    NEXTAUTH_SECRET: secrets.AUTH_SECRET,
  });
  await listen(given, dev);

  console.log(`\n  Rollcall  ${given.APP_URL}`);
  if (mailbox) console.log(`  Mailbox   ${mailbox.webUrl}`);
  if (!given.DATABASE_URL) console.log(`  Data      ${given.DATA_DIR}`);
  console.log('\n  Ctrl-C stops everything.\n');
}

async function listen(given: LaunchEnv, isDev: boolean): Promise<void> {
  const server = createServer();
  // The port is taken first: a second start on it should fail before it costs anything.
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: given.PORT, host: given.HOST }, resolve);
  });
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  stops.push(
    () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), REQUESTS_FINISH_MS).unref();
      }),
  );
  const { default: next } = await import('next');
  const app = next({ dev: isDev, port: given.PORT, hostname: given.HOST ?? 'localhost' });
  const handle = app.getRequestHandler();
  const ready = app.prepare();
  server.on('request', async (request, response) => {
    trustForwarded(request.headers, request.socket.remoteAddress, given.TRUSTED_PROXIES);
    await ready;
    await handle(request, response);
  });
  await ready;
  if (isDev) server.on('upgrade', app.getUpgradeHandler());
  // After the last request, before the database: mail under way and the pool.
  stops.splice(stops.length - 1, 0, async () => globalThis.rollcallStop?.());
}

serve().catch(async (error: NodeJS.ErrnoException) => {
  if (error.code === 'EADDRINUSE') console.error(`Port ${process.env.PORT ?? 3000} is taken. Set PORT to another one.`);
  else console.error(error);
  await stopAll(1);
});
