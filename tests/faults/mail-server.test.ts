import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { db } from '@/db/client';
import { mails } from '@/db/schema/mails';
import { type Rig, rig, until } from './support/rig';

/** The mail server is down, slow, refuses, or dies in the middle of a message. The page says how it stands with a mail. */
let it: Rig;
beforeAll(async () => {
  it = await rig();
});
afterAll(() => it?.end());
afterEach(() => {
  it.mailWire.mend();
  it.mail.accept();
  it.mail.delay(0);
  it.mail.taken.length = 0;
});

const mailTo = async (email: string) => (await db.select().from(mails).where(eq(mails.toAddress, email)))[0];
const isSaid = (email: string, status: string) =>
  until(async () => (await mailTo(email))?.status === status, `the mail is ${status}`, 40_000);
const takenFor = (email: string) => it.mail.taken.filter((raw) => raw.includes(`To: ${email}`));
/** Time passes in the row. */
const dueNow = (email: string) => db.update(mails).set({ nextAttemptAt: new Date() }).where(eq(mails.toAddress, email));

/** Invites somebody, and gives the page that says so anew each time it is asked. */
async function invited(name: string) {
  const acme = await it.newTenant();
  const email = `${name}@${acme.slug}.example`;
  const page = await it.invite(acme, email);
  expect(page.text).toContain(email);
  return { email, look: async () => (await acme.browser.open(new URL(page.url).pathname)).text };
}

test('down: the invitation stands, the page says that the mail waits and why, and it arrives once when the server is up', async () => {
  it.mailWire.cut();
  const { email, look } = await invited('bert');
  await isSaid(email, 'deferred');
  expect(await look()).toContain('The mail server could not be reached');
  it.mailWire.mend();
  await dueNow(email);
  await isSaid(email, 'accepted');
  expect(takenFor(email)).toHaveLength(1);
});

test('slow: nobody waits for it on a page, and one slow mail is delivered once', async () => {
  it.mail.delay(8_000);
  const began = Date.now();
  const { email } = await invited('carla');
  expect(Date.now() - began).toBeLessThan(8_000);
  await isSaid(email, 'accepted');
  expect(takenFor(email)).toHaveLength(1);
});

test.each([
  [451, 'mailbox busy', 'deferred'],
  [550, 'no such user here', 'failed'],
])('refusing with %i: the page gives its words', async (code, words, status) => {
  it.mail.refuse(code, words);
  const { email, look } = await invited(`dora-${code}`);
  await isSaid(email, status);
  expect(await look()).toContain(words);
});

test('dying in the middle of a message: nothing of it counts, the mail waits, and comes whole the next time', async () => {
  const broken = it.mailWire.breakBefore('/invitations/');
  const { email, look } = await invited('emil');
  await broken;
  await isSaid(email, 'deferred');
  expect(takenFor(email)).toHaveLength(0);
  expect(await look()).toContain('The mail server could not be reached');
  await dueNow(email);
  await isSaid(email, 'accepted');
  expect(takenFor(email)).toHaveLength(1);
  expect(takenFor(email)[0]).toContain('/invitations/');
});

test('dying before it says that it has the message: the mail comes again, the same to the byte', async () => {
  const silent = it.mailWire.loseAnswer('queued as', 'fred@');
  const { email } = await invited('fred');
  await silent;
  it.mailWire.mend();
  await isSaid(email, 'deferred');
  await dueNow(email);
  await isSaid(email, 'accepted');
  expect(takenFor(email)).toHaveLength(2);
  expect(takenFor(email)[1]).toBe(takenFor(email)[0]);
});
