import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isOutOfReach } from '@/db/out-of-reach';
import { inRequest } from '@/db/tenant-wall';
import { OUT_OF_REACH, refusalPage } from '@/lib/auth/refusal-page';
import type { LaunchEnv } from '@/lib/env';
import { log, takeConsole } from '@/lib/observe/log';
import { inPassage } from '@/lib/sessions/passage';
import { within } from './bounds';
import type { Door } from './door';
import { withHealth } from './health';
import { withMachines } from './machines';
import { openPassage } from './page-answer';
import { readableFailure } from './readable-failure';
import { Refusal } from './refusal';
import { wholeDocument } from './whole-document';

/** Stands for the request id in the failure page until it is known. */
const REQUEST_ID = '{request}';

/** Rendered in advance, so that a failure needs no further work. */
async function pageOf(refused: Parameters<typeof refusalPage>[0]) {
  const page = refusalPage(refused);
  return { status: page.status, html: await page.text(), headers: Object.fromEntries(page.headers) };
}
const ANSWER_WITHIN_MS = 30_000;

/** Next in this process. It gets the door's requests once it has booted. */
export type App = { stop(): Promise<void> };

export async function startApp({ PORT, HOST, MAX_REQUESTS }: LaunchEnv, door: Door, dev: boolean): Promise<App> {
  if (!dev) takeConsole();
  // The scripts' compiler turned source maps on. Built code is mapped when a stack is shown: lib/observe/readable-stack.ts.
  if (!dev) process.setSourceMapsEnabled(false);
  if (!dev) await door.shut();
  const { default: next } = await import('next');
  // Next answers upgrades, and leaves unknown ones open for ever. Only development uses one, so in production its listener
  // goes to a server that nobody reaches.
  const httpServer = dev ? door.server : createServer();
  const app = next({ dev, port: PORT, hostname: HOST ?? 'localhost', httpServer });
  await app.prepare();
  const busy = await pageOf({
    status: 503,
    title: 'Too busy at the moment',
    text: 'More is asked of Rollcall than it can do. If you were sending something, look whether it was done before you send it again.',
    link: { href: '', label: 'Try again' },
  });
  const bounds = { most: MAX_REQUESTS, waitMs: ANSWER_WITHIN_MS };
  const handle = within(bounds, busy, dev ? app.getRequestHandler() : withMachines(app.getRequestHandler()));
  const build = dev ? null : await readFile(join(process.env.NEXT_DIST_DIR || '.next', 'BUILD_ID'), 'utf8');
  const about = { requestId: REQUEST_ID, link: { href: '', label: 'Try again' } };
  const failure = await pageOf({
    status: 500,
    title: 'Something went wrong',
    text: 'Nothing was half done. Try again; if it stays, tell your operator this number: the log says why.',
    ...about,
  });
  const outOfReach = await pageOf({ ...OUT_OF_REACH, ...about });
  const cutOff = await pageOf({
    ...OUT_OF_REACH,
    text: 'Rollcall cannot reach its data. Look whether it was done before you send it again.',
    ...about,
  });
  const answer: RequestListener = (request, response) => {
    if (!dev) {
      readableFailure(response, () => {
        // It is unknown whether a request that sends data was carried out.
        const away = request.method === 'GET' || request.method === 'HEAD' ? outOfReach : cutOff;
        const page = isOutOfReach() ? away : failure;
        return { ...page, html: page.html.replace(REQUEST_ID, String(response.getHeader('x-request-id'))) };
      });
      wholeDocument(response);
    }
    const answered = inPassage(openPassage(request, response, build), () => inRequest(() => handle(request, response)));
    answered.catch((error: unknown) => {
      log.error('A request could not be answered', error);
      response.destroy();
    });
  };
  if (!dev) await boot(answer);
  door.answerBy(dev ? answer : withHealth(answer));
  if (!dev) await door.openWide();
  return {
    async stop() {
      await app.close();
      await globalThis.rollcallStop?.();
    },
  };
}

/**
 * In production Next boots along with its first request, and only logs a failure. So the first request is ours, on a port of
 * this process alone: on the shared port another worker might answer it.
 */
async function boot(answer: RequestListener): Promise<void> {
  const server = createServer(answer).listen({ port: 0, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/api/health/ready`).catch(() => null);
  const told = await response?.text().catch(() => '');
  server.close();
  server.closeAllConnections();
  if (!response?.ok) throw new Refusal(`Rollcall could not start${partToBlame(told) ?? '; the lines above say why.'}`);
}

/** Finds the first failing part in an answer of /api/health/ready. Null if there was no such answer. */
function partToBlame(told = ''): string | null {
  const parts = told.startsWith('{') ? Object.entries(JSON.parse(told)) : [];
  const [part, words] = parts.find(([part, words]) => part !== 'status' && words !== 'ok') ?? [];
  return part ? `. ${part}: ${words}.` : null;
}
