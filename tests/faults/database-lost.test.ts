import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { db } from '@/db/client';
import { newBearer } from '@/lib/crypto/bearer-tokens';
import { PASSWORD, type Rig, rig, until } from './support/rig';
import { visitor } from './support/visitor';

/** The database goes away in the middle of the work, in each of the ways in which databases do, and comes back. */
let it: Rig;
beforeAll(async () => {
  it = await rig();
});
afterAll(() => it?.end());
afterEach(() => it.databaseWire.mend());

const USERS = '/administration/access/users';
const SORRY = 'Rollcall cannot reach its data. Nothing was changed.';
type Tenant = Awaited<ReturnType<Rig['newTenant']>>;

type Told = { invited: string[]; unsure: string[]; words: Set<string> };

/** People who read the list and invite somebody again and again, and note what they were told. */
function busy(acme: Tenant) {
  const told = {
    invited: [] as string[],
    unsure: [] as string[],
    statuses: new Set<number>(),
    words: new Set<string>(),
  };
  let stopped = false;
  let count = 0;
  const reading = async () => {
    while (!stopped) {
      const page = await acme.browser.open(USERS).catch(() => null);
      told.statuses.add(page?.status ?? 0);
      if (page?.status !== 200) told.words.add(page?.text ?? 'no answer');
      await sleep(20);
    }
  };
  const inviting = async () => {
    while (!stopped) {
      const email = `guest-${count++}@${acme.slug}.example`;
      const page = await it.invite(acme, email).catch(() => null);
      const isDone = page?.status === 200 && page.url.includes('done=');
      (isDone ? told.invited : told.unsure).push(email);
      if (!isDone) told.words.add(page?.text ?? 'no answer');
      await sleep(20);
    }
  };
  const all = [reading(), reading(), inviting(), inviting()];
  return {
    told,
    async stop() {
      stopped = true;
      await Promise.all(all);
    },
  };
}

/** What somebody reads whose invitation may or may not have been sent. */
const TRUE_WORDS = /cannot reach its data|Something went wrong|Too busy/;

async function expectNothingLostNorDoubled(acme: Tenant, told: Told): Promise<void> {
  for (const words of told.words) expect(words).toMatch(TRUE_WORDS);
  for (const email of told.invited)
    expect(await it.tracesOf(email), email).toEqual({ users: 1, openInvitations: 1, mails: 1, entries: 1 });
  for (const email of told.unsure) {
    const traces = await it.tracesOf(email);
    expect(new Set(Object.values(traces ?? {})).size, `${email} is there whole or not at all`).toBe(1);
    expect(traces?.users).toBeLessThanOrEqual(1);
  }
  await it.expectWhole(acme);
}

test('killed under load: pages say so, it is used again as soon as it is back, and no invitation is lost or doubled', async () => {
  const acme = await it.newTenant();
  const work = busy(acme);
  await until(() => work.told.invited.length >= 3, 'three people are invited', 60_000);
  await it.killDatabase();
  expect((await visitor(it.app.origin).open(USERS)).status).toBeLessThan(500);
  const page = await acme.browser.open(USERS);
  expect([page.status, page.text]).toEqual([503, expect.stringContaining(SORRY)]);
  for (const [path, kind] of [
    ['/api/v1/users', 'apiKey'],
    ['/api/scim/v2/Users', 'scim'],
  ] as const) {
    const headers = { authorization: `Bearer ${newBearer(kind).token}` };
    const answer = await fetch(it.app.origin + path, { headers });
    expect([path, answer.status, Number(answer.headers.get('retry-after'))]).toEqual([path, 503, 10]);
  }
  expect(await it.app.answers('/api/health/live')).toBe(200);
  expect(await it.app.answers('/api/health/ready')).toBe(503);

  await it.startDatabase();
  await it.app.isReady(20_000);
  const before = work.told.invited.length;
  await until(() => work.told.invited.length >= before + 3, 'people are invited again', 60_000);
  await work.stop();
  // 500 where it went away between the gate and the page.
  const known = [200, 500, 503];
  expect([...work.told.statuses].filter((status) => !known.includes(status))).toEqual([]);
  await expectNothingLostNorDoubled(acme, work.told);
});

test('connections that break in the middle of the work are made anew', async () => {
  const acme = await it.newTenant();
  const work = busy(acme);
  for (let times = 0; times < 5; times++) {
    const before = work.told.invited.length;
    await until(() => work.told.invited.length >= before + 2, 'two more people are invited', 60_000);
    if (times % 2) it.databaseWire.drop();
    else
      await db.$client`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'rollcall' and pid <> pg_backend_pid()`.catch(
        () => {},
      );
  }
  const before = work.told.invited.length;
  await until(() => work.told.invited.length >= before + 4, 'people are invited after the last break', 60_000);
  await work.stop();
  await expectNothingLostNorDoubled(acme, work.told);
});

test('away for long, and nobody at its address: everybody is told so, and none of the connections stays lost', async () => {
  const acme = await it.newTenant();
  await it.databaseWire.unplug();
  const pages = await Promise.all(Array.from({ length: 30 }, () => acme.browser.open(USERS)));
  for (const page of pages) expect([page.status, page.text]).toEqual([503, expect.stringContaining(SORRY)]);
  await it.databaseWire.plug();
  await it.app.isReady(20_000);
  const guests = Array.from({ length: 10 }, (_, n) => `guest-${n}@${acme.slug}.example`);
  const letGo = await it.hold('invitations');
  const answers = guests.map((email) => it.invite(acme, email));
  await it.areWaiting(7);
  await letGo();
  for (const answer of answers) expect((await answer).url).toContain('done=');
  await it.expectWhole(acme);
});

test('a session that was ended while the database was away from one process is dead when it is back', async () => {
  const acme = await it.newTenant();
  const bert = await acme.add('bert');
  const browser = visitor(it.app.origin);
  await browser.signIn(bert.email, PASSWORD);
  it.databaseWire.cut();
  expect((await browser.open('/profile')).status).toBe(503);
  await db.$client`update sessions set ended_at = now(), end_reason = 'forced' where user_id = ${bert.id}`;
  it.databaseWire.mend();
  await it.app.isReady(20_000);
  expect((await browser.open('/profile')).url).toContain('/sign-in');
});

test('a pool whose every connection waits for a lock refuses after a while, in words, and works again when the lock is gone', async () => {
  const acme = await it.newTenant();
  const letGo = await it.hold('invitations');
  const guests = Array.from({ length: 30 }, (_, n) => `guest-${n}@${acme.slug}.example`);
  const told = guests.map((email) => it.invite(acme, email).catch(() => null));
  await it.areWaiting(10);
  const began = Date.now();
  const page = await acme.browser.open(USERS);
  expect(Date.now() - began).toBeLessThan(40_000);
  if (page.status !== 200) expect([page.status, page.text]).toEqual([503, expect.stringMatching(TRUE_WORDS)]);
  expect(await it.app.answers('/api/health/live')).toBe(200);
  await letGo();
  const answers = await Promise.all(told);
  const isDone = answers.map((answer) => answer?.url.includes('done=') === true);
  await until(async () => (await acme.browser.open(USERS)).status === 200, 'the list is there again');
  const [invited, unsure] = [true, false].map((so) => guests.filter((_, n) => isDone[n] === so));
  const words = new Set(answers.filter((_, n) => !isDone[n]).map((answer) => answer?.text ?? 'no answer'));
  await expectNothingLostNorDoubled(acme, { invited: invited ?? [], unsure: unsure ?? [], words });
});

test('a wire that is silent without breaking is given up, and the work goes on over another', async () => {
  const acme = await it.newTenant();
  it.databaseWire.freeze();
  const page = await acme.browser.open(USERS);
  expect([page.status, page.text]).toEqual([503, expect.stringContaining('Try again')]);
  expect(await it.app.answers('/api/health/live')).toBe(200);
  // Only new connections find their way: the old ones stay silent for ever.
  it.databaseWire.thaw();
  await until(
    async () => (await acme.browser.open(USERS).catch(() => null))?.status === 200,
    'the list is there',
    90_000,
  );
});
