import { eq } from 'drizzle-orm';
import { simpleParser } from 'mailparser';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { mails } from '@/db/schema/mails';
import { users } from '@/db/schema/users';
import { PASSWORD, type Rig, rig, until } from './support/rig';
import { visitor } from './support/visitor';

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
/** A worker's claim on a mail runs out: time passes in the row. */
const leaseRunsOut = (email: string) =>
  db.update(mails).set({ nextAttemptAt: new Date() }).where(eq(mails.toAddress, email));

describe('an invitation', () => {
  test('that was not committed when the app died is nowhere, and can be sent again', async () => {
    const acme = await it.newTenant();
    const email = `bert@${acme.slug}.example`;
    const letGo = await it.holdInvitations();
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
    const committed = it.databaseWire.loseAnswersFrom('COMMIT');
    const answer = it.invite(acme, email).catch(() => 'no answer');
    await committed;
    await until(async () => (await it.tracesOf(email))?.users === 1, 'the invitation is committed');
    await it.app.kill();
    it.databaseWire.mend();
    expect(await answer).toBe('no answer');

    await it.app.start();
    await until(async () => (await deliveredTo(email)).length === 1, 'the invitation arrives');
    const first = linkIn((await deliveredTo(email))[0]?.text);
    await it.invite(acme, email);
    expect(await it.tracesOf(email)).toEqual({ users: 1, openInvitations: 1, mails: 2, entries: 2 });
    const stranger = visitor(it.app.origin);
    expect((await stranger.open(first)).text).toContain('does not work any more');
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
    const letGo = await it.holdInvitations();
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
});

describe('a mail', () => {
  test('that the server had taken when the app died comes once more, to the byte, and no third time', async () => {
    const acme = await it.newTenant();
    const email = `bert@${acme.slug}.example`;
    const taken = it.mailWire.loseAnswersFrom('queued as');
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
    const settled = async () => (await db.select().from(mails).where(eq(mails.toAddress, email)))[0];
    await until(async () => (await settled())?.status === 'accepted', 'the mail is settled');
    expect(await settled()).toMatchObject({ attempts: 2, contentSealed: null });
  });
});

describe('many at once', () => {
  test('stop between two people, never in one: what was done is whole and recorded, the rest is untouched', async () => {
    const acme = await it.newTenant();
    const people = [];
    for (let i = 0; i < 12; i++) people.push(await acme.add(`person-${i}`));
    const ids = people.map(({ id }) => `ids=${id}`).join('&');
    const page = await acme.browser.open(`/administration/access/users/bulk?${ids}&deed=deactivate`);
    let done = 0;
    const killed = until(async () => {
      const [row] =
        await db.$client`select count(*)::int as n from users where tenant_id = ${acme.id} and status = 'deactivated'`;
      done = row?.n;
      return done > 0;
    }, 'somebody is deactivated').then(() => it.app.kill());
    const answer = await acme.browser
      .press(page, page.document.querySelector('main form button')?.text.trim() ?? '')
      .catch(() => null);
    await killed;
    const rows = await db.select().from(users).where(eq(users.tenantId, acme.id));
    const entries =
      await db.$client`select target_id from audit_entries where tenant_id = ${acme.id} and action = 'user.deactivated'`;
    const deactivated = rows.filter(({ status }) => status === 'deactivated').map(({ id }) => id);
    expect(entries.map(({ target_id }) => target_id).sort()).toEqual(deactivated.sort());
    expect(answer === null || deactivated.length === 12).toBe(true);
    await it.app.start();
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
