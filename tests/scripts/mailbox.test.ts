import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nodemailer from 'nodemailer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Mailbox, startMailbox } from '@/scripts/mailbox/mailbox';

let dir = '';
let mailbox: Mailbox;
const open = () => startMailbox({ dir, smtpPort: 0, webPort: 0 });

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rollcall-mailbox-'));
  mailbox = await open();
});

afterEach(async () => {
  await mailbox.stop();
  rmSync(dir, { recursive: true, force: true });
});

const EVIL = '<script>alert(1)</script>';

async function send(mail: { subject: string; text?: string; html?: string }): Promise<void> {
  const transport = nodemailer.createTransport(mailbox.smtpUrl);
  await transport.sendMail({ from: 'Rollcall <no-reply@localhost>', to: 'ada@acme.example', text: 'Hello', ...mail });
  transport.close();
}

const get = (path: string) => fetch(new URL(path, mailbox.webUrl));
const messages = async () => (await get('/api/messages')).json();

test('what is sent is there to read, newest first, as JSON and as pages', async () => {
  await send({ subject: 'First', text: 'Open http://localhost:3000/invitations/abc?a=1&b=2' });
  await send({ subject: 'Second', html: '<p>Hello</p>' });
  const [second, first] = await messages();
  expect([second.subject, first.subject]).toEqual(['Second', 'First']);
  expect(first).toMatchObject({ to: 'ada@acme.example', from: '"Rollcall" <no-reply@localhost>' });
  expect(first.messageId).toMatch(/^<.+@.+>$/);
  expect(await (await get(`/api/messages/${first.id}`)).json()).toEqual(first);

  expect(await (await get('/')).text()).toContain(`href="/messages/${first.id}"`);
  const page = await (await get(`/messages/${first.id}`)).text();
  expect(page).toContain('<a href="http://localhost:3000/invitations/abc?a=1&amp;b=2">');
  expect(page).toContain('Message-ID:');
});

test('mails outlive a restart', async () => {
  await send({ subject: 'Kept' });
  const before = await messages();
  await mailbox.stop();
  mailbox = await open();
  expect(await messages()).toEqual(before);
});

test('nothing of a mail runs: text is escaped, its HTML stands in a sandbox without scripts', async () => {
  await send({ subject: EVIL, text: EVIL, html: `<!doctype html><html><head></head><body>${EVIL}</body></html>` });
  const [{ id }] = await messages();
  for (const path of ['/', `/messages/${id}`]) {
    const response = await get(path);
    expect(await response.text()).not.toContain(EVIL);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  }
  const framed = await get(`/messages/${id}/html`);
  expect(framed.headers.get('content-security-policy')).toMatch(/sandbox (?!.*allow-scripts)/);
  expect(await framed.text()).toContain('<!doctype html><html><head><base target="_blank">');
});

test('a page of another site cannot read it by a name that leads here', async () => {
  const { port } = new URL(mailbox.webUrl);
  const status = await new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path: '/api/messages', headers: { host: `evil.example:${port}` } })
      .on('response', (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  expect(status).toBe(421);
});

test('what is not there is not found, inside the folder and out of it', async () => {
  for (const path of ['/messages/1', '/api/messages/1', '/messages/..%2f..%2fetc%2fpasswd', '/x', '/api/x'])
    expect((await get(path)).status).toBe(404);
  expect((await fetch(mailbox.webUrl, { method: 'POST' })).status).toBe(405);
});

test('a taken port means the next one', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => squatter.once('listening', resolve));
  const { port } = squatter.address() as { port: number };
  const other = await startMailbox({ dir, smtpPort: port, webPort: port });
  try {
    const ports = [other.smtpUrl, other.webUrl].map((url) => Number(new URL(url).port));
    for (const taken of ports) expect(taken).toBeGreaterThan(port);
    expect(new Set(ports).size).toBe(2);
  } finally {
    await other.stop();
    squatter.close();
  }
});

test('letters beyond ASCII and lines that begin with a dot arrive as they were sent', async () => {
  await send({ subject: 'Grüße', text: 'Ünïcödé\n.dot\n' });
  const [{ text, subject }] = await messages();
  expect({ text, subject }).toEqual({ text: 'Ünïcödé\n.dot\n', subject: 'Grüße' });
});
