import { eq } from 'drizzle-orm';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { db, type Tx } from '@/db/client';
import { mails } from '@/db/schema/mails';
import { acrossTenants } from '@/db/tenant-wall';
import { transaction } from '@/db/transaction';
import { env } from '@/lib/env';
import { deliverDue, startDelivery } from '@/lib/mail/deliver';
import { message } from '@/lib/mail/messages/layout';
import { cancelMails, enqueue } from '@/lib/mail/outbox';
import { settle } from '@/lib/mail/settle';
import { log } from '@/lib/observe/log';
import { newTenant, newUser } from '../../support/cast';
import { race, waitingForLocks } from '../../support/race';
import { smtpSink } from '../../support/smtp-sink';

const MINUTE = 60_000;
let sink: Awaited<ReturnType<typeof smtpSink>>;

beforeAll(async () => {
  sink = await smtpSink();
  env().SMTP_URL = sink.url;
});
afterAll(() => sink.stop());
beforeEach(async () => {
  await db.delete(mails);
  sink.taken.length = 0;
  sink.accept();
  sink.delay(0);
  env().SMTP_URL = sink.url;
});

const words = message({
  subject: 'Hello\r\nBcc: evil@x.example',
  title: 'Title <b>',
  paragraphs: ['Words'],
  footnotes: [],
});

async function queued(address = 'to@x.example', expiresAt: Date | null = null): Promise<string> {
  const tenant = await newTenant();
  const user = await newUser(tenant, 'to');
  return transaction((tx, now) =>
    enqueue(tx, now, { tenantId: tenant.id, userId: user.id, address }, 'invitation', words, expiresAt),
  );
}
type Mail = typeof mails.$inferSelect;
const row = async (id: string) => (await db.select().from(mails).where(eq(mails.id, id)))[0];

describe('the outbox', () => {
  test('hands a mail to the server, keeps its answer, and forgets the words', async () => {
    const id = await queued();
    expect(await deliverDue()).toBe(1);
    expect(await row(id)).toMatchObject({
      status: 'accepted',
      attempts: 1,
      contentSealed: null,
      lastResponse: expect.stringContaining('queued as 4711'),
    });
    const mail = await simpleParser(String(sink.taken[0]));
    expect(mail).toMatchObject({ subject: 'Hello Bcc: evil@x.example', messageId: `<${id}@rollcall.test>` });
    expect(mail.bcc).toBeUndefined();
    expect(mail.html).toContain('Title &lt;b&gt;');
    expect(await deliverDue()).toBe(0);
  });

  test('holds no readable words while a mail waits', async () => {
    const id = await queued();
    expect(JSON.stringify(await row(id))).not.toContain('Words');
  });

  test('what a server refused is logged in its words, without the address', async () => {
    const warned = vi.spyOn(log, 'warn').mockReturnValue();
    sink.refuse(550, '5.1.1 <to@x.example>: nobody here by (to@x.example)', 'recipient');
    const mailId = await queued();
    await deliverDue();
    expect(warned.mock.calls).toEqual([
      ['A mail was failed', { mailId, words: '550 5.1.1 <…@…>: nobody here by (…@…)' }],
    ]);
    warned.mockRestore();
  });

  test('a mail of a deed that did not happen is none', async () => {
    const tenant = await newTenant();
    const user = await newUser(tenant, 'to');
    const failing = transaction(async (tx, now) => {
      await enqueue(tx, now, { tenantId: tenant.id, userId: user.id, address: 'a@x.example' }, 'invitation', words);
      throw new Error('the deed fails');
    });
    await expect(failing).rejects.toThrow('the deed fails');
    expect(await deliverDue()).toBe(0);
  });

  test('a temporary refusal is tried again later with the same bytes, and the server’s words are kept', async () => {
    const id = await queued();
    sink.refuse(451, 'mailbox busy, come back');
    await deliverDue();
    const deferred = await row(id);
    expect(deferred).toMatchObject({
      status: 'deferred',
      attempts: 1,
      lastResponse: expect.stringContaining('mailbox busy, come back'),
    });
    expect(Number(deferred?.nextAttemptAt) - Date.now()).toBeGreaterThan(0.9 * MINUTE);
    expect(await deliverDue()).toBe(0);
    sink.accept();
    expect(await deliverDue(new Date(Date.now() + 2 * MINUTE))).toBe(1);
    expect(await row(id)).toMatchObject({ status: 'accepted', attempts: 2 });
  });

  test('a retry sends the same message to the byte', async () => {
    const id = await queued();
    const sealed = (await row(id))?.contentSealed;
    await deliverDue();
    // As after a crash between the server's answer and our note of it.
    await db
      .update(mails)
      .set({ contentSealed: sealed, status: 'queued', nextAttemptAt: new Date(0) })
      .where(eq(mails.id, id));
    await deliverDue();
    expect(sink.taken).toHaveLength(2);
    expect(sink.taken[1]).toBe(sink.taken[0]);
  });

  test('a lasting refusal is final', async () => {
    const id = await queued();
    sink.refuse(550, 'no such user here');
    await deliverDue();
    expect(await row(id)).toMatchObject({
      status: 'failed',
      contentSealed: null,
      lastResponse: expect.stringContaining('no such user here'),
    });
  });

  test('a lasting refusal of the recipient is final too', async () => {
    const id = await queued();
    sink.refuse(550, 'no such mailbox', 'recipient');
    await deliverDue();
    expect(await row(id)).toMatchObject({ status: 'failed', contentSealed: null });
  });

  test.each([
    ['greeting', 554, 'no service for you'],
    ['login', 535, 'authentication failed'],
    ['sender', 550, 'this sender is not yours'],
    ['recipient', 554, '5.7.1 Relay access denied'],
    ['recipient', 550, '5.7.1 Unable to relay'],
  ] as const)(
    'a server that refuses us at the %s is asked again: no mail is lost by a wrong setting',
    async (at, code, said) => {
      const id = await queued();
      env().SMTP_URL = sink.url.replace('smtp://', 'smtp://user:wrong@');
      sink.refuse(code, said, at);
      await deliverDue();
      expect(await row(id)).toMatchObject({ status: 'deferred', lastResponse: expect.stringContaining(said) });
      sink.accept();
      await deliverDue(new Date(Date.now() + 2 * MINUTE));
      expect(await row(id)).toMatchObject({ status: 'accepted' });
    },
  );

  test('a mail server that is down is said to be, and tried again until it is up', async () => {
    const id = await queued();
    env().SMTP_URL = 'smtp://127.0.0.1:9';
    await deliverDue();
    expect(await row(id)).toMatchObject({
      status: 'deferred',
      lastResponse: expect.stringContaining('could not be reached'),
    });
    env().SMTP_URL = sink.url;
    await deliverDue(new Date(Date.now() + 2 * MINUTE));
    expect(await row(id)).toMatchObject({ status: 'accepted' });
  });

  test('gives up after eighteen retries, in five days', async () => {
    const id = await queued();
    sink.refuse(451, 'not now');
    for (let hours = 0, i = 0; i < 18; i++, hours += 13) await deliverDue(new Date(Date.now() + hours * 60 * MINUTE));
    expect(await row(id)).toMatchObject({ status: 'deferred', attempts: 18 });
    await deliverDue(new Date(Date.now() + 19 * 13 * 60 * MINUTE));
    expect(await row(id)).toMatchObject({ status: 'failed', attempts: 19, contentSealed: null });
  });

  test('is not tried beyond the end of the link in it, and says so with the last answer', async () => {
    const id = await queued('to@x.example', new Date(Date.now() + 50_000));
    sink.refuse(451, 'not now');
    await deliverDue();
    expect(await row(id)).toMatchObject({
      status: 'failed',
      contentSealed: null,
      lastResponse: expect.stringMatching(/^Given up: the link in it ends before .* The last answer was: 451 not now/),
    });
  });

  test('is tried once more before the end of the link, where the usual time would come after it', async () => {
    const id = await queued('to@x.example', new Date(Date.now() + 60 * MINUTE));
    await db.update(mails).set({ attempts: 9 }).where(eq(mails.id, id));
    sink.refuse(451, 'not now');
    await deliverDue();
    const deferred = await row(id);
    expect(deferred?.status).toBe('deferred');
    expect(Math.round((Number(deferred?.nextAttemptAt) - Date.now()) / MINUTE)).toBe(30);
  });

  test('a mail whose link ended while nobody delivered is not sent', async () => {
    const id = await queued('to@x.example', new Date(Date.now() - 1));
    await deliverDue();
    expect(sink.taken).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'failed', lastResponse: expect.stringContaining('Given up') });
  });

  test('a connection takes many mails, and none is held when there are no more', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 60; i++) ids.push(await queued(`p${i}@x.example`));
    const before = sink.connected();
    const delivery = startDelivery((error) => expect(error).toBeUndefined());
    await vi.waitFor(async () => expect((await row(String(ids.at(-1))))?.status).toBe('accepted'), 10_000);
    expect(sink.connected() - before).toBeLessThanOrEqual(10);
    await vi.waitFor(async () => expect(await sink.open()).toBe(0), 5_000);
    await delivery.stop();
    expect(sink.taken).toHaveLength(60);
  });

  test('whatever a server says, it is noted: of this mail, and of those beside it', async () => {
    sink.refuse(550, `no\0body ${'x'.repeat(987)}😀`);
    const [one, other] = [await queued(), await queued('other@x.example')];
    await deliverDue();
    for (const id of [one, other])
      expect(await row(id)).toMatchObject({
        status: 'failed',
        lastResponse: expect.stringMatching(/^550 no.?body x+\ufffd$/),
      });
  });

  test('a deed that cancels several mails at the same moment keeps no other from being noted', async () => {
    const [first, second, third] = [await queued(), await queued(), await queued()];
    const hold = (tx: Tx, id: string) => tx.select().from(mails).where(eq(mails.id, id)).for('update');
    const accepted = async (id: string) =>
      settle({ ...((await row(id)) as Mail), claimedMs: 0 }, { status: 'accepted', words: 'ok' }, new Date());
    const noted = await acrossTenants(() =>
      db.transaction(async (deed) => {
        await hold(deed, third);
        const noted = await db.transaction(async (another) => {
          await hold(another, first);
          const noted = [accepted(first), accepted(second), accepted(third)];
          await waitingForLocks(1);
          return { noted };
        });
        // Those two are noted together by now: they hold the second, and wait for the third.
        await waitingForLocks(1);
        await hold(deed, second);
        return noted;
      }),
    );
    await Promise.all(noted.noted);
    for (const id of [first, second, third]) expect(await row(id)).toMatchObject({ status: 'accepted' });
  });

  test('several workers at once deliver each mail once', async () => {
    for (let i = 0; i < 60; i++) await queued(`p${i}@x.example`);
    sink.delay(20);
    const workers = () => race([1, 2, 3, 4, 5, 6, 7, 8].map(() => () => deliverDue()));
    while ((await workers()).some((taken) => taken > 0));
    const ids = await Promise.all(sink.taken.map(async (raw) => (await simpleParser(raw)).messageId));
    expect(ids).toHaveLength(60);
    expect(new Set(ids).size).toBe(60);
  });

  test('a mail that a dead worker held is taken up when its lease is over', async () => {
    const id = await queued();
    await db
      .update(mails)
      .set({ attempts: 1, nextAttemptAt: new Date(Date.now() + 5 * MINUTE) })
      .where(eq(mails.id, id));
    expect(await deliverDue()).toBe(0);
    expect(await deliverDue(new Date(Date.now() + 6 * MINUTE))).toBe(1);
    expect(await row(id)).toMatchObject({ status: 'accepted', attempts: 2 });
  });

  test('goes by the database’s clock: a worker whose own is days ahead gives nothing up and holds nothing for days', async () => {
    const id = await queued('to@x.example', new Date(Date.now() + 60 * MINUTE));
    sink.refuse(451, 'later');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 86_400_000 });
    await deliverDue();
    vi.useRealTimers();
    const deferred = await row(id);
    expect(deferred).toMatchObject({ status: 'deferred', lastResponse: expect.stringContaining('later') });
    expect(Number(deferred?.nextAttemptAt)).toBeLessThan(Date.now() + 2 * MINUTE);
  });

  test('a cancelled mail never leaves', async () => {
    const id = await queued();
    const { tenantId = '' } = (await row(id)) ?? {};
    await transaction((tx, now) => cancelMails(tx, now, tenantId, [id]));
    expect(await deliverDue()).toBe(0);
    expect(await row(id)).toMatchObject({ status: 'cancelled', contentSealed: null });
  });

  test('a mail that was cancelled while it was handed over, and arrived, is not told as never sent', async () => {
    const id = await queued();
    const { tenantId = '' } = (await row(id)) ?? {};
    sink.delay(300);
    const round = deliverDue();
    await vi.waitFor(async () => expect((await row(id))?.attempts).toBe(1));
    await transaction((tx, now) => cancelMails(tx, now, tenantId, [id]));
    await round;
    expect(sink.taken.length).toBe(1);
    expect(await row(id)).toMatchObject({
      status: 'accepted',
      contentSealed: null,
      lastResponse: expect.stringContaining('queued as 4711'),
    });
  });

  test('a clean stop waits for the mail under way, so that none is sent twice', async () => {
    const id = await queued();
    sink.delay(300);
    const delivery = startDelivery(() => {});
    await new Promise((resolve) => setTimeout(resolve, 150));
    await delivery.stop();
    expect(await row(id)).toMatchObject({ status: 'accepted' });
    const again = startDelivery(() => {});
    await new Promise((resolve) => setTimeout(resolve, 150));
    await again.stop();
    expect(sink.taken).toHaveLength(1);
  });

  test('a mail server that is slow with one mail holds up no other', async () => {
    const slow = await queued('slow@x.example');
    sink.delay(4_000);
    const delivery = startDelivery(() => {});
    await expect.poll(async () => (await row(slow))?.attempts).toBe(1);
    // The server takes its time with what it has by now.
    await new Promise((resolve) => setTimeout(resolve, 200));
    sink.delay(0);
    const quick = await queued('quick@x.example');
    await expect.poll(async () => (await row(quick))?.status, { timeout: 3_000 }).toBe('accepted');
    expect((await row(slow))?.status).toBe('queued');
    await delivery.stop();
    expect((await row(slow))?.status).toBe('accepted');
  });

  test('a mail that somebody waits for does not stand behind a thousand invitations', async () => {
    for (let i = 0; i < 30; i++) await queued(`p${i}@x.example`);
    const tenant = await newTenant();
    const user = await newUser(tenant, 'to');
    const reset = await transaction((tx, now) =>
      enqueue(tx, now, { tenantId: tenant.id, userId: user.id, address: 'r@x.example' }, 'password-reset', words),
    );
    await deliverDue();
    expect(await row(reset)).toMatchObject({ status: 'accepted' });
  });
});
