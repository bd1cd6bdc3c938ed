import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import postgres from 'postgres';
import { refusalPage } from '@/lib/auth/refusal-page';
import { EnvError, type LaunchEnv, parseLaunchEnv } from '@/lib/env';
import { trustForwarded } from './forwarded';
import { type Mailbox, startMailbox } from './mailbox/mailbox';
import { openRequests } from './open-requests';
import { supplyDatabase, supplySecrets } from './own-parts';
import { readableFailure } from './readable-failure';

/**
 * The product in one process: its own database and mailbox where none were given, then the app. It stops the other way
 * round: a request under way still has its database, which goes last.
 */
const dev = process.argv.includes('--dev');
const REQUESTS_FINISH_MS = 10_000;
/** One Ctrl-C reaches us from the terminal, and again from each parent that hands it on. */
const SAME_SIGNAL_MS = 1_000;
const TIMEOUTS = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  // Longer than a load balancer's usual minute: it must not send on a connection that we are closing.
  keepAliveTimeout: 75_000,
};

/** Its message is fit to be shown to the operator as it is. */
class Refusal extends Error {}

const server = createServer(TIMEOUTS);
const requests = openRequests(server);
let respond: RequestListener = (_, response) => {
  response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': '2' }).end('Rollcall is starting.\n');
};
let building: ChildProcess | undefined;
let database: Awaited<ReturnType<typeof supplyDatabase>> | undefined;
let mailbox: Mailbox | undefined;
let app: { close(): Promise<void> } | undefined;
let stoppingSince = 0;

function readEnv(): LaunchEnv {
  // What the shell has set wins over the files; the first file wins over the second.
  for (const file of ['.env.local', '.env']) if (existsSync(file)) process.loadEnvFile(file);
  return parseLaunchEnv(process.env);
}

/** First of all: a second start on the same port should fail before it has cost anything. */
async function takePort({ PORT, HOST, TRUSTED_PROXIES }: LaunchEnv): Promise<void> {
  server.on('request', (request, response) => {
    trustForwarded(request.headers, request.socket.remoteAddress, TRUSTED_PROXIES);
    respond(request, response);
  });
  server.listen({ port: PORT, host: HOST });
  await once(server, 'listening').catch(({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EADDRINUSE') throw new Refusal(`Port ${PORT} is taken. Set PORT to another one.`);
    if (code === 'EACCES') throw new Refusal(`This user may not listen on port ${PORT}. Set PORT to one above 1023.`);
    throw new Refusal(`The server cannot listen there: ${message}. Check HOST and PORT.`);
  });
}

async function build(): Promise<void> {
  if (dev) return;
  building = spawn(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
  const [code] = await once(building, 'exit');
  building = undefined;
  if (code !== 0) throw new Refusal('The build failed, so nothing was started.');
}

/** Said here in a sentence; from inside the app it would come as five stack traces. */
async function reach(databaseUrl: string): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, connect_timeout: 10 });
  await sql`select 1`.catch(({ message, code }: NodeJS.ErrnoException) => {
    throw new Refusal(`The database of DATABASE_URL cannot be used: ${message || code}.`);
  });
  await sql.end();
}

async function startParts(given: LaunchEnv): Promise<void> {
  const secrets = await supplySecrets(given);
  database = await supplyDatabase(given).catch(({ message }: Error) => {
    throw new Refusal(message);
  });
  if (given.DATABASE_URL) await reach(given.DATABASE_URL);
  if (!given.SMTP_URL)
    mailbox = await startMailbox({ dir: join(given.DATA_DIR, 'mailbox'), smtpPort: 1025, webPort: 8025 });

  Object.assign(process.env, secrets, {
    NODE_ENV: dev ? 'development' : 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    PORT: String(given.PORT),
    APP_URL: given.APP_URL,
    DATABASE_URL: database.url,
    SMTP_URL: given.SMTP_URL ?? mailbox?.smtpUrl,
    NEXTAUTH_URL: given.APP_URL,
    NEXTAUTH_SECRET: secrets.AUTH_SECRET,
  });
}

async function startApp({ PORT, HOST }: LaunchEnv): Promise<void> {
  const { default: next } = await import('next');
  // Next answers upgrades, and leaves those it does not know open for ever. Only development has one, so in production
  // its listener goes to a server that nobody reaches.
  const httpServer = dev ? server : createServer();
  const created = next({ dev, port: PORT, hostname: HOST ?? 'localhost', httpServer });
  app = created;
  await created.prepare();
  const handle = created.getRequestHandler();
  const failure = await refusalPage({
    status: 500,
    title: 'Something went wrong',
    text: 'Nothing was half done. Try again; if it stays, tell your operator at what time it was: the log says why.',
    link: { href: '', label: 'Try again' },
  }).text();
  respond = (request, response) => {
    if (!dev) readableFailure(response, failure);
    handle(request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  };
  if (!dev) await answers();
}

/** In production Next boots beside its first request, and only logs a failure. So the first request is ours. */
async function answers(): Promise<void> {
  const { address, port } = server.address() as AddressInfo;
  const host =
    address === '::' || address === '0.0.0.0' ? '127.0.0.1' : address.includes(':') ? `[${address}]` : address;
  const response = await fetch(`http://${host}:${port}/api/health/ready`).catch(() => null);
  if (!response?.ok) throw new Refusal('Rollcall could not start; the lines above say why.');
}

async function start(): Promise<void> {
  const given = readEnv();
  for (const step of [takePort, build, startParts, startApp]) {
    await step(given);
    if (stoppingSince) return;
  }
  console.log(`\n  Rollcall  ${given.APP_URL}`);
  if (mailbox) console.log(`  Mailbox   ${mailbox.webUrl}`);
  if (!given.DATABASE_URL) console.log(`  Data      ${given.DATA_DIR}`);
  console.log('\n  Ctrl-C stops everything.\n');
}

async function stop(code: number): Promise<void> {
  stoppingSince = Date.now();
  building?.kill('SIGTERM');
  await started;
  const parts = [
    async () => requests.finish(REQUESTS_FINISH_MS),
    async () => app?.close(),
    async () => globalThis.rollcallStop?.(),
    async () => mailbox?.stop(),
    async () => database?.stop(),
  ];
  for (const stopPart of parts) await stopPart().catch((error: unknown) => console.error(error));
  process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!stoppingSince) return void stop(0);
    if (Date.now() - stoppingSince < SAME_SIGNAL_MS) return;
    // The second press: nothing is waited for, and the database is only told.
    void database?.stop();
    process.exit(1);
  });
}

const started = start().catch((error: unknown) => {
  if (stoppingSince) return;
  console.error(error instanceof EnvError || error instanceof Refusal ? error.message : error);
  void stop(1);
});
