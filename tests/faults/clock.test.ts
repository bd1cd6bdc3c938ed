import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { db } from '@/db/client';
import { PASSWORD, type Rig, rig, until } from './support/rig';
import { visitor } from './support/visitor';

/** The clock of the app's machine jumps. The database's own goes on. */
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
let it: Rig;
let dir = '';
const setClock = async (offMs: number) => {
  writeFileSync(join(dir, 'clock'), String(offMs));
  await sleep(150);
};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rollcall-clock-'));
  it = await rig({
    CLOCK_FILE: join(dir, 'clock'),
    NODE_OPTIONS: `--import ${new URL('support/clock.mjs', import.meta.url).href}`,
  });
});
afterEach(() => setClock(0));
afterAll(async () => {
  await it?.end();
  rmSync(dir, { recursive: true, force: true });
});

const isDelivered = (email: string) => async () => {
  const [row] = await db.$client`select status from mails where to_address = ${email}`;
  return row?.status === 'accepted';
};

test.each([
  ['back', -10 * MINUTE_MS],
  ['on', 10 * MINUTE_MS],
])(
  'ten minutes %s: nobody is signed out, who was stays so, mail goes out, and the log stays whole',
  async (_, offMs) => {
    const acme = await it.newTenant();
    const bert = await acme.add('bert');
    const browser = visitor(it.app.origin);
    await browser.signIn(bert.email, PASSWORD);
    await db.$client`update sessions set ended_at = now(), end_reason = 'forced' where user_id = ${bert.id}`;
    expect((await it.invite(acme, `before@${acme.slug}.example`)).text).toContain('before@');
    await setClock(offMs);
    expect(await it.app.answers('/api/health/ready')).toBe(200);
    expect((await browser.open('/profile')).url).toContain('/sign-in');
    expect((await acme.browser.open('/profile')).text).toContain(acme.admin.email);
    const after = `after@${acme.slug}.example`;
    expect((await it.invite(acme, after)).text).toContain('after@');
    await until(isDelivered(after), 'the invitation is delivered');
    await setClock(0);
    expect((await browser.open('/profile')).url).toContain('/sign-in');
    expect(await it.tracesOf(after)).toEqual({ users: 1, openInvitations: 1, mails: 1, entries: 1 });
    await it.expectWhole(acme);
  },
);

test.each([
  ['back', -2 * HOUR_MS],
  ['on', 2 * HOUR_MS],
])(
  'two hours %s: the process is out of rotation and says why, no deed is dated so, and all is well when the clock is',
  async (_, offMs) => {
    const acme = await it.newTenant();
    const guest = `guest@${acme.slug}.example`;
    await setClock(offMs);
    const answer = await fetch(`${it.app.origin}/api/health/ready`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ clock: 'is not that of the database' });
    expect(await it.app.answers('/api/health/live')).toBe(200);
    const refused = await it.invite(acme, guest);
    expect([refused.status, refused.text]).toEqual([500, expect.stringContaining('Nothing was half done')]);
    expect(it.app.said()).toContain('away from the database');
    expect(await it.tracesOf(guest)).toEqual({ users: 0, openInvitations: 0, mails: 0, entries: 0 });

    await setClock(0);
    await it.app.isReady(5_000);
    expect((await it.invite(acme, guest)).text).toContain(guest);
    expect(await it.tracesOf(guest)).toEqual({ users: 1, openInvitations: 1, mails: 1, entries: 1 });
    await until(isDelivered(guest), 'the invitation is delivered');
    await it.expectWhole(acme);
  },
);

test('ten days on: sessions have run out, nobody gets one that would live too long, and none is ended for good', async () => {
  const acme = await it.newTenant();
  await setClock(10 * DAY_MS);
  expect((await acme.browser.open('/profile')).url).toContain('/sign-in');
  const hasty = visitor(it.app.origin);
  expect((await hasty.signIn(acme.admin.email, PASSWORD)).status).toBe(500);
  await setClock(0);
  expect((await hasty.open('/profile')).url).toContain('/sign-in');
  expect((await hasty.signIn(acme.admin.email, PASSWORD)).text).toContain('Acme');
  const [late] =
    await db.$client`select count(*)::int as n from sessions where created_at > now() + interval '1 minute'`;
  expect(late?.n).toBe(0);
  await it.expectWhole(acme);
});

test('a mail that is waiting when the clock jumps ten days on is neither given up nor sent twice', async () => {
  const acme = await it.newTenant();
  const email = `carla@${acme.slug}.example`;
  it.mailWire.cut();
  await it.invite(acme, email);
  const isDeferred = async () =>
    (await db.$client`select status from mails where to_address = ${email}`)[0]?.status === 'deferred';
  await until(isDeferred, 'the mail waits');
  await setClock(10 * DAY_MS);
  await db.$client`update mails set next_attempt_at = now() where to_address = ${email}`;
  await until(
    async () => (await db.$client`select attempts from mails where to_address = ${email}`)[0]?.attempts === 2,
    'it is tried again',
  );
  await until(isDeferred, 'the mail waits');
  const [waits] =
    await db.$client`select next_attempt_at < now() + interval '1 hour' as soon from mails where to_address = ${email}`;
  expect(waits?.soon).toBe(true);
  it.mailWire.mend();
  await db.$client`update mails set next_attempt_at = now() where to_address = ${email}`;
  await until(isDelivered(email), 'the mail is delivered');
  await setClock(0);
  await sleep(2_000);
  expect(it.mail.taken.filter((raw) => raw.includes(`To: ${email}`))).toHaveLength(1);
});
