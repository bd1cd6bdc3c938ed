import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { db } from '@/db/client';
import { PASSWORD, type Rig, rig } from './support/rig';
import { visitor } from './support/visitor';

/** The clock of the app's machine jumps. The database's own goes on. */
const HOUR_MS = 3_600_000;
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

test('half an hour back: nobody is signed out, what was ended stays ended, and the log stays whole', async () => {
  const acme = await it.newTenant();
  const bert = await acme.add('bert');
  const browser = visitor(it.app.origin);
  await browser.signIn(bert.email, PASSWORD);
  await db.$client`update sessions set ended_at = now(), end_reason = 'forced' where user_id = ${bert.id}`;
  expect((await it.invite(acme, `before@${acme.slug}.example`)).text).toContain('before@');
  await setClock(-HOUR_MS / 2);
  expect((await browser.open('/profile')).url).toContain('/sign-in');
  expect((await acme.browser.open('/profile')).text).toContain(acme.admin.email);
  expect((await it.invite(acme, `after@${acme.slug}.example`)).text).toContain('after@');
  await it.expectWhole(acme);
});

test('ten days on: sessions have run out, and those that ran out do not come back by one write of the wrong clock', async () => {
  const acme = await it.newTenant();
  await setClock(10 * 24 * HOUR_MS);
  expect((await acme.browser.open('/profile')).url).toContain('/sign-in');
  await setClock(0);
  expect((await acme.browser.open('/profile')).url).toContain('/sign-in');
  await acme.browser.signIn(acme.admin.email, PASSWORD);
  expect((await acme.browser.open('/profile')).text).toContain(acme.admin.email);
  await it.expectWhole(acme);
});

test('a clock that is far from the database’s own takes the process out of rotation, and is named', async () => {
  await setClock(2 * HOUR_MS);
  const answer = await fetch(`${it.app.origin}/api/health/ready`);
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain('clock');
  expect(await it.app.answers('/api/health/live')).toBe(200);
  await setClock(0);
  await it.app.isReady(5_000);
});
