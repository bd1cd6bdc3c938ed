import { and, inArray, lte, type SQL, sql } from 'drizzle-orm';
import nodemailer from 'nodemailer';
import { db } from '@/db/client';
import { mails } from '@/db/schema/mails';
import { acrossTenants } from '@/db/tenant-wall';
import { unseal } from '@/lib/crypto/seal';
import { env } from '@/lib/env';
import { inSpan } from '@/lib/observe/trace';
import { MAIL_PURPOSE } from './outbox';
import { type Claimed, settle, tooLate, type Verdict } from './settle';

/**
 * Delivers the outbox to the mail server. A worker leases the mails it takes (SKIP LOCKED: several processes never take the same
 * one) and settles each by its attempt number, so that a worker whose lease expired changes nothing. Due times, leases and expiry
 * follow the database's clock, which all workers share.
 * After a crash between the server's "250" and our record of it, the same bytes are sent again, with the same Message-ID.
 */
const LEASE_SECONDS = 300;
const AT_ONCE = 10;

const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 60_000 };
/**
 * A connection carries several mails in turn and is closed when there are no more. If the server has closed it before any byte of
 * a mail was sent, that mail is retried once on another connection. Any other error is the mail's result. Few mails per
 * connection, since servers count them and defer the rest.
 */
const POOL = { pool: true, maxConnections: AT_ONCE, maxMessages: 20, maxRequeues: 1, idleTimeout: 2_000 } as const;
const newTransport = () => nodemailer.createTransport({ url: env().SMTP_URL, ...POOL, ...TIMEOUTS });
type Transport = ReturnType<typeof newTransport>;

/**
 * Claims other mails before invitations, which come by the thousand: somebody may be waiting for the other mail at their browser.
 */
async function claim(now: Date | undefined, most: number): Promise<Claimed[]> {
  const first = await claimSome(now, most, sql`${mails.kind} <> 'invitation'`);
  return first.length < most ? [...first, ...(await claimSome(now, most - first.length))] : first;
}

async function claimSome(now: Date | undefined, most: number, which?: SQL): Promise<Claimed[]> {
  const at = sql`coalesce(${now?.toISOString() ?? null}::timestamptz, now())`;
  const due = db
    .select({ id: mails.id })
    .from(mails)
    .where(and(sql`${mails.status} in ('queued', 'deferred')`, which, lte(mails.nextAttemptAt, at)))
    .orderBy(mails.nextAttemptAt)
    .limit(most)
    .for('update', { skipLocked: true });
  return acrossTenants(() =>
    db
      .update(mails)
      .set({
        attempts: sql`${mails.attempts} + 1`,
        nextAttemptAt: sql`${at} + make_interval(secs => ${LEASE_SECONDS})`,
      })
      .where(inArray(mails.id, due))
      .returning({
        id: mails.id,
        tenantId: mails.tenantId,
        toAddress: mails.toAddress,
        contentSealed: mails.contentSealed,
        attempts: mails.attempts,
        lastResponse: mails.lastResponse,
        expiresAt: mails.expiresAt,
        claimedMs: sql<number>`extract(epoch from ${at}) * 1000`.mapWith(Number),
      })
      .prepare('claim_mails')
      .execute(),
  );
}

type SmtpError = { code?: string; command?: string; response?: string; responseCode?: number; message?: string };

/** The server's response, or our own words if it could not be reached. */
function refusal(error: unknown): Verdict {
  const { response, message } = error as SmtpError;
  const words = response ?? `The mail server could not be reached: ${message ?? 'unknown error'}`;
  return { status: isAboutThisMail(error as SmtpError) ? 'failed' : 'deferred', words };
}

/**
 * A permanent rejection (5xx) of the recipient or the message. A rejection of the greeting, the password or the sender is about
 * our own settings: every mail waits, for five days, until somebody has fixed them.
 */
const isAboutThisMail = ({ code, command, response, responseCode = 0 }: SmtpError): boolean =>
  responseCode >= 500 &&
  (code === 'EMESSAGE' || (code === 'EENVELOPE' && command !== 'MAIL FROM' && !isAboutUs(responseCode, response)));

/** 530 and 535 are about authentication (RFC 4954, 6). A relay that does not accept us rejects the first recipient. */
const isAboutUs = (code: number, words = ''): boolean =>
  code === 530 || code === 535 || /\brelay|authenticat/i.test(words);

async function offer(transport: Transport, mail: Claimed): Promise<Verdict> {
  if (mail.expiresAt && mail.expiresAt.getTime() <= mail.claimedMs)
    return { status: 'failed', words: tooLate(mail.lastResponse) };
  const raw = mail.contentSealed === null ? null : unseal(mail.contentSealed, MAIL_PURPOSE);
  if (raw === null) return { status: 'failed', words: 'The message cannot be opened: it was sealed with another key.' };
  const from = /<([^<>]+)>\s*$/.exec(env().MAIL_FROM)?.[1] ?? env().MAIL_FROM;
  try {
    const sent = await inTime(transport.sendMail({ envelope: { from, to: [mail.toAddress] }, raw }));
    return { status: 'accepted', words: sent.response };
  } catch (error) {
    return refusal(error);
  }
}

/**
 * A server that replies very slowly must not outlast the lease: the mail would be sent again forever, and no attempt would count.
 */
const MOST_MS = (LEASE_SECONDS - 60) * 1000;
async function inTime<T>(conversation: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${MOST_MS / 60_000} minutes`)), MOST_MS);
  });
  // A rejection after the timeout is ignored.
  conversation.catch(() => {});
  return Promise.race([conversation, tooSlow]).finally(() => clearTimeout(timer));
}

async function handOver(transport: Transport, mail: Claimed): Promise<void> {
  const began = performance.now();
  const now = () => new Date(mail.claimedMs + performance.now() - began);
  await inSpan('mail', { 'rollcall.mail_id': mail.id }, async () => settle(mail, await offer(transport, mail), now()));
}

/** One round: claims the due mails and offers each to the server. Returns how many were claimed. */
export async function deliverDue(now?: Date): Promise<number> {
  const claimed = await claim(now, AT_ONCE);
  const transport = newTransport();
  await Promise.all(claimed.map((mail) => handOver(transport, mail))).finally(() => transport.close());
  return claimed.length;
}

const POLL_MS = 1_000;

/**
 * Runs until stopped. The stop waits for deliveries in progress, so that nothing is sent twice after a restart. A slow delivery
 * holds up no other mail: each one that ends makes room for the next.
 */
export function startDelivery(log: (error: unknown) => void): { stop(): Promise<void> } {
  let stopped = false;
  let wake = () => {};
  const underWay = new Set<Promise<void>>();
  const transport = newTransport();
  const begin = (mail: Claimed) => {
    const delivery = handOver(transport, mail)
      .catch(log)
      .finally(() => {
        underWay.delete(delivery);
        // Claims several at once: one at a time would cost a statement each.
        if (underWay.size <= AT_ONCE / 2) wake();
      });
    underWay.add(delivery);
  };
  const paused = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, POLL_MS);
    });
  const loop = (async () => {
    while (!stopped) {
      const room = AT_ONCE - underWay.size;
      if (room > 0) (await claim(undefined, room).catch(log))?.forEach(begin);
      if (!stopped) await paused();
    }
    await Promise.all(underWay);
    transport.close();
  })();
  return {
    async stop() {
      stopped = true;
      wake();
      await loop;
    },
  };
}
