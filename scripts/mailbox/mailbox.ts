import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { plainPolicy } from '@/lib/content-security';
import {
  addressOf,
  framedPage,
  inboxPage,
  type KeptMail,
  MOST_SHOWN,
  mailPage,
  notFoundPage,
  SANDBOX,
  STYLE,
} from './pages';

/**
 * The local mailbox: a real SMTP server on this machine that keeps its mails, and a small page to read them. Mails are files
 * in the data folder, so they outlive a restart.
 */
export type Mailbox = { smtpUrl: string; webUrl: string; stop(): Promise<void> };
type Options = { dir: string; smtpPort: number; webPort: number };

export async function startMailbox({ dir, smtpPort, webPort }: Options): Promise<Mailbox> {
  await mkdir(dir, { recursive: true });
  let count = 0;
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    size: 10 * 1024 * 1024,
    onData(stream, _session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', async () => {
        const id = `${Date.now()}-${String(count++).padStart(4, '0')}`;
        try {
          await writeFile(join(dir, `${id}.eml`), Buffer.concat(chunks), { mode: 0o600 });
          callback(null, `kept as ${id}`);
        } catch (error) {
          callback(error as Error);
        }
      });
    },
  });
  smtp.on('error', () => {});
  const web = createServer((request, response) => {
    // Another site's page could read the links in these mails if its host name resolved to this machine.
    if (!/^(?:localhost|127\.0\.0\.1)(?::\d+)?$/.test(request.headers.host ?? '')) return response.writeHead(421).end();
    if (request.method !== 'GET' && request.method !== 'HEAD') return response.writeHead(405, { allow: 'GET' }).end();
    answer(dir, new URL(request.url ?? '/', 'http://mailbox').pathname).then(
      ({ status, headers, body }) => response.writeHead(status, { ...HEADERS, ...headers }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  const smtpAt = await listen(smtp.server as NetServer, smtpPort);
  const webAt = await listen(web, webPort);
  return {
    smtpUrl: `smtp://127.0.0.1:${smtpAt}`,
    webUrl: `http://localhost:${webAt}`,
    async stop() {
      web.closeAllConnections();
      await Promise.all([new Promise((done) => web.close(done)), new Promise<void>((done) => smtp.close(done))]);
    },
  };
}

/** Listens on the requested port, or on the next free one. */
function listen(server: NetServer | Server, port: number, tries = 20): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' && tries > 0) resolve(listen(server, port + 1, tries - 1));
      else reject(error);
    };
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', failed);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

const HEADERS = {
  'content-security-policy': `${plainPolicy({ style: STYLE })}; frame-src 'self'`,
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};
// Mails contain strangers' HTML: nothing in them may run or load, whether framed or opened directly.
const SANDBOXED = {
  'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox ${SANDBOX}`,
};

type Answer = { status: number; headers: Record<string, string>; body: string };

async function answer(dir: string, path: string): Promise<Answer> {
  const html = (body: string, status = 200, headers = {}) => ({
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
    body,
  });
  const json = (value: unknown, status = 200) => ({
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(value),
  });
  if (path === '/') return html(inboxPage(await readAll(dir)));
  if (path === '/api/messages') return json((await readAll(dir)).map(plain));
  const [, api, id, part] = /^\/(api\/)?messages\/([\d-]+)(\/html)?$/.exec(path) ?? [];
  const kept = id ? await readOne(dir, id) : null;
  if (path.startsWith('/api/')) return kept && api && !part ? json(plain(kept)) : json({ error: 'not found' }, 404);
  if (!kept) return html(notFoundPage(), 404);
  return part ? html(framedPage(kept), 200, SANDBOXED) : html(mailPage(kept));
}

const idsOf = async (dir: string) =>
  (await readdir(dir))
    .filter((name) => name.endsWith('.eml'))
    .map((name) => name.slice(0, -4))
    .sort()
    .reverse();

const readOne = async (dir: string, id: string): Promise<KeptMail | null> => {
  const raw = await readFile(join(dir, `${id}.eml`)).catch(() => null);
  return raw && { id, mail: await simpleParser(raw) };
};

async function readAll(dir: string): Promise<KeptMail[]> {
  const mails = await Promise.all((await idsOf(dir)).slice(0, MOST_SHOWN).map((id) => readOne(dir, id)));
  return mails.filter((mail) => mail !== null);
}

const plain = ({ id, mail }: KeptMail) => ({
  id,
  to: addressOf(mail.to),
  from: mail.from?.text ?? '',
  subject: mail.subject ?? '',
  date: mail.date?.toISOString() ?? null,
  messageId: mail.messageId ?? null,
  text: mail.text ?? '',
  html: mail.html || '',
});
