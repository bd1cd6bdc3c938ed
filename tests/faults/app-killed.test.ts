import { eq } from 'drizzle-orm';
import { simpleParser } from 'mailparser';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { mails } from '@/db/schema/mails';
import { type User, users } from '@/db/schema/users';
import { PASSWORD, type Rig, rig, until } from './support/rig';
import { type Page, visitor } from './support/visitor';

/** The app is killed (SIGKILL) at the worst moment of a deed, and started again. */
let it: Rig;
beforeAll(async () => {
  it = await rig();
});
afterAll(() => it?.end());
afterEach(async () => {
  it.databaseWire.mend();
  it.mailWire.mend();
  it.mail.taken.length = 0;
});

const deliveredTo = async (email: string) => {
  const all = await Promise.all(it.mail.taken.map((raw) => simpleParser(raw)));
  return all.filter(({ to }) => [to].flat()[0]?.text === email);
};
const linkIn = (text = '') => new URL(/http:\S+\/invitations\/\S+/.exec(text)?.[0] ?? '').pathname;
const mailOf = async (email: string) => (await db.select().from(mails).where(eq(mails.toAddress, email)))[0];
/** A worker's claim on a mail runs out: time passes in the row. */
const leaseRunsOut = (email: string) =>
  db.update(mails).set({ nextAttemptAt: new Date() }).where(eq(mails.toAddress, email));

describe('an invitation', () => {
  test('that was not committed when the app died is nowhere, and can be sent again', async () => {
    const acme = await it.newTenant();
    const email = `bert@${acme.slug}.example`;
    const letGo = await it.hold('invitations');
    const answer = it.invite(acme, email).catch(() => 'no answer');
    await it.areWaiting();
    await it.app.kill();
    await letGo();
    expect(await answer).toBe('no answer');
    expect(await it.tracesOf(email)).toEqual({ users: 0, openInvitations: 0, mails: 0, entries: 0 });

    await it.app.start();
    expect((await it.invite(acme, email)).text).toContain(email);
    expect(await it.tracesOf(email)).toEqual({ users: 1, openInvitations: 1, mails: 1, entries: 1 });
    await until(async () => (await deliveredTo(email)).length === 1, 'the invitation arrives');
    await it.expectWhole(acme);
  });

  test('that was committed before the app could say so is there once, arrives, and is not doubled by a second press', async () => {
    const acme = await it.newTenant();
    const email = `bert@${acme.slug}.example`;
    const committed = it.databaseWire.loseAnswer('COMMIT', email);
    const answer = it.invite(acme, email).catch(() => 'no answer');
    await committed;
    await until(async () => (await it.tracesOf(email))?.users === 1, 'the invitation is committed');
    await it.app.kill();
    it.databaseWire.mend();
    expect(await answer).toBe('no answer');

    await it.app.start();
    await until(async () => (await deliveredTo(email)).length === 1, 'the invitation arrives');
    const first = linkIn((await deliveredTo(email))[0]?.text);
    // Whoever presses again is told that they are invited already, and asked.
    await it.invite(acme, email);
    expect(await it.tracesOf(email)).toEqual({ users: 1, openInvitations: 1, mails: 1, entries: 1 });
    const stranger = visitor(it.app.origin);
    expect((await stranger.open(String(first))).text).not.toContain('does not work any more');
    await it.expectWhole(acme);
  });

  test('whose acceptance was cut off is still open, and can be accepted once', async () => {
    const acme = await it.newTenant();
    const email = `bert@${acme.slug}.example`;
    await it.invite(acme, email);
    await until(async () => (await deliveredTo(email)).length === 1, 'the invitation arrives');
    const link = linkIn((await deliveredTo(email))[0]?.text);
    const names = { firstName: 'Bert', lastName: 'Acme', password: PASSWORD };

    const bert = visitor(it.app.origin);
    const page = await bert.open(link);
    const letGo = await it.hold('invitations');
    const answer = bert.press(page, 'Accept and sign in', names).catch(() => 'no answer');
    await it.areWaiting();
    await it.app.kill();
    await letGo();
    expect(await answer).toBe('no answer');
    expect((await db.select().from(users).where(eq(users.email, email)))[0]).toMatchObject({
      status: 'invited',
      passwordHash: null,
    });

    await it.app.start();
    expect((await bert.press(await bert.open(link), 'Accept and sign in', names)).text).toContain('Acme');
    expect((await visitor(it.app.origin).open(link)).text).toContain('does not work any more');
    await it.expectWhole(acme);
  });

  test('whose acceptance was committed before the app could say so is used up, and its person signs in', async () => {
    const acme = await it.newTenant();
    const email = `bert@${acme.slug}.example`;
    await it.invite(acme, email);
    await until(async () => (await deliveredTo(email)).length === 1, 'the invitation arrives');
    const link = linkIn((await deliveredTo(email))[0]?.text);
    const names = { firstName: 'Bertrand', lastName: 'Acme', password: PASSWORD };

    const bert = visitor(it.app.origin);
    const page = await bert.open(link);
    const committed = it.databaseWire.loseAnswer('COMMIT', names.firstName);
    const answer = bert.press(page, 'Accept and sign in', names).catch(() => 'no answer');
    await committed;
    await it.app.kill();
    it.databaseWire.mend();
    expect(await answer).toBe('no answer');

    await it.app.start();
    expect((await bert.open(link)).text).toContain('does not work any more');
    expect((await bert.signIn(email, PASSWORD)).text).toContain('Acme');
    await it.expectWhole(acme);
  });
});

describe('a sign-out by an admin', () => {
  async function signedInTwice() {
    const acme = await it.newTenant();
    const bert = await acme.add('bert');
    const browser = visitor(it.app.origin);
    await browser.signIn(bert.email, PASSWORD);
    const page = await acme.browser.open(`/administration/access/users/${bert.id}/sign-out`);
    const press = () => acme.browser.press(page, 'Sign out everywhere').catch(() => 'no answer');
    const entries = async () =>
      db.$client`select from audit_entries where target_id = ${bert.id} and action = 'user.sessions-ended'`;
    return { acme, bert, browser, press, entries };
  }

  test('that was cut off has ended nothing and is not in the log; pressed again, it ends the session', async () => {
    const { acme, bert, browser, press, entries } = await signedInTwice();
    const letGo = await it.hold('sessions');
    const answer = press();
    await it.areWaiting();
    await it.app.kill();
    await letGo();
    expect(await answer).toBe('no answer');

    await it.app.start();
    expect((await browser.open('/profile')).text).toContain(bert.email);
    expect(await entries()).toHaveLength(0);
    expect(await press()).toMatchObject({ status: 200 });
    expect((await browser.open('/profile')).url).toContain('/sign-in');
    expect(await entries()).toHaveLength(1);
    await it.expectWhole(acme);
  });

  test('that was committed before the app could say so has ended the session, and is in the log once', async () => {
    const { acme, bert, browser, press, entries } = await signedInTwice();
    const committed = it.databaseWire.loseAnswer('COMMIT', bert.id);
    const answer = press();
    await committed;
    await it.app.kill();
    it.databaseWire.mend();
    expect(await answer).toBe('no answer');

    await it.app.start();
    expect((await browser.open('/profile')).url).toContain('/sign-in');
    expect(await entries()).toHaveLength(1);
    await it.expectWhole(acme);
  });
});

describe('a mail', () => {
  test('that the server had not yet taken when the app died arrives once', async () => {
    const acme = await it.newTenant();
    const email = `bert@${acme.slug}.example`;
    const underWay = it.mailWire.loseAnswer('354', email);
    await it.invite(acme, email);
    await underWay;
    await it.app.kill();
    it.mailWire.mend();
    expect(await deliveredTo(email)).toHaveLength(0);
    await leaseRunsOut(email);
    await it.app.start();
    await until(async () => (await mailOf(email))?.status === 'accepted', 'the mail is settled');
    expect(await deliveredTo(email)).toHaveLength(1);
    await it.expectWhole(acme);
  });

  test('that the server had taken when the app died comes once more, to the byte, and no third time', async () => {
    const acme = await it.newTenant();
    const email = `bert@${acme.slug}.example`;
    const taken = it.mailWire.loseAnswer('queued as', email);
    await it.invite(acme, email);
    await taken;
    await it.app.kill();
    it.mailWire.mend();
    await leaseRunsOut(email);
    await it.app.start();
    await until(async () => (await deliveredTo(email)).length === 2, 'the mail comes once more');
    const [first, second] = await deliveredTo(email);
    expect(second?.messageId).toBe(first?.messageId);
    expect(second?.text).toBe(first?.text);
    await until(async () => (await mailOf(email))?.status === 'accepted', 'the mail is settled');
    expect(await mailOf(email)).toMatchObject({ attempts: 2, contentSealed: null });
    await it.expectWhole(acme);
  });
});

describe('many at once', () => {
  const deactivated = async (tenantId: string) => {
    const [people, entries] = await Promise.all([
      db.$client`select id from users where tenant_id = ${tenantId} and status = 'deactivated' order by id`,
      db.$client`select target_id as id from audit_entries where tenant_id = ${tenantId} and action = 'user.deactivated' order by target_id`,
    ]);
    return { people: people.map(({ id }) => id), entries: entries.map(({ id }) => id) };
  };
  const buttonOf = (page: Page) => page.document.querySelector('main form button')?.text.trim() ?? '';

  test('stop between two people, never in one: what was done is whole and recorded, the rest is untouched', async () => {
    const acme = await it.newTenant();
    const people = [];
    for (let i = 0; i < 12; i++) people.push(await acme.add(`person-${i}`));
    const ids = people.map(({ id }) => `ids=${id}`).join('&');
    const page = await acme.browser.open(`/administration/access/users/bulk?${ids}&deed=deactivate`);
    const letGo = await it.hold(people[6] as User);
    const answer = acme.browser.press(page, buttonOf(page)).catch(() => 'no answer');
    await it.areWaiting();
    await it.app.kill();
    await letGo();
    expect(await answer).toBe('no answer');
    const done = await deactivated(acme.id);
    expect(done.entries).toEqual(done.people);
    expect(done.people.length, 'it was killed in the middle').toBeGreaterThan(0);
    expect(done.people.length, 'it was killed in the middle').toBeLessThan(12);
    await it.app.start();
    await it.expectWhole(acme);
  });

  test('as a job go on by themselves when the app is back: everybody once, nobody twice', async () => {
    const acme = await it.newTenant();
    await db.$client`insert into users (id, tenant_id, email, first_name, last_name, role, status)
      select gen_random_uuid(), ${acme.id}, 'guest-' || lpad(n::text, 3, '0') || '@many.example', 'N', 'N', 'standard_user', 'active' from generate_series(1, 300) n`;
    const [held] = await db.select().from(users).where(eq(users.email, 'guest-150@many.example'));
    const page = await acme.browser.open('/administration/access/users/bulk?all=yes&q=guest&deed=deactivate');
    const letGo = await it.hold(held as User);
    const answer = acme.browser.press(page, buttonOf(page), { typed: '300' }).catch(() => 'no answer');
    const position = async () =>
      (await db.$client`select position from jobs where tenant_id = ${acme.id}`)[0]?.position;
    await until(async () => (await position()) > 0, 'the job is under way');
    await it.areWaiting();
    await it.app.kill();
    await letGo();
    await answer;
    const done = await deactivated(acme.id);
    expect(done.entries).toEqual(done.people);
    expect(done.people.length, 'it was killed in the middle').toBe(await position());

    await it.app.start();
    const job = async () => (await db.$client`select status, done, refused from jobs where tenant_id = ${acme.id}`)[0];
    await until(async () => (await job())?.status === 'finished', 'the job ends', 60_000);
    expect(await job()).toMatchObject({ done: 300, refused: 0 });
    const all = await deactivated(acme.id);
    expect(all.people).toHaveLength(300);
    expect(all.entries).toEqual(all.people);
    await it.expectWhole(acme);
  });
});

describe('an export', () => {
  test('that is cut off ends as a broken download, and can be had whole afterwards', async () => {
    const acme = await it.newTenant();
    await db.$client`insert into users (id, tenant_id, email, first_name, last_name, role, status)
      select gen_random_uuid(), ${acme.id}, 'n' || n || '@many.example', 'N', repeat('x', 60), 'standard_user', 'active' from generate_series(1, 40000) n`;
    const download = () =>
      fetch(`${it.app.origin}/administration/access/users/export`, {
        method: 'POST',
        headers: {
          cookie: acme.browser.cookies(),
          origin: it.app.origin,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: '',
      });
    const cut = await download();
    const reader = cut.body?.getReader();
    await reader?.read();
    await it.app.kill();
    const rest = (async () => {
      while (!(await reader?.read())?.done);
    })();
    await expect(rest).rejects.toThrow();
    await it.app.start();
    const whole = await (await download()).text();
    expect(whole.trim().split('\n')).toHaveLength(40_002);
    await it.expectWhole(acme);
  });
});
