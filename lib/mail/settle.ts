import { sql } from 'drizzle-orm';
import { db } from '@/db/client';
import { mails } from '@/db/schema/mails';
import { acrossTenants } from '@/db/tenant-wall';
import { log } from '@/lib/observe/log';
import { metrics } from '@/lib/observe/metrics';

export type Claimed = Pick<
  typeof mails.$inferSelect,
  'id' | 'tenantId' | 'toAddress' | 'contentSealed' | 'attempts' | 'lastResponse' | 'expiresAt'
> & { claimedMs: number };
export type Verdict = { status: 'accepted' | 'deferred' | 'failed'; words: string; nextAttemptAt?: Date };

const MINUTE_MS = 60_000;
/** Five days in total, as between mail servers (RFC 5321, 4.5.4.1): outlasts a weekend and a day. */
const RETRY_AFTER_MINUTES = [1, 2, 5, 15, 30, 60, 120, 240, 480, 720, 720, 720, 720, 720, 720, 720, 720, 720];
const MOST_WORDS = 1_000;

/** Keeps the server's last answer, which explains the delay. */
export const tooLate = (words: string | null): string =>
  `Given up: the link in it ends before the mail can be delivered.${words ? ` The last answer was: ${words}` : ''}`;

/** When a deferred mail is retried, if it has an attempt left. Near the expiry of its link, retries come sooner, then stop. */
function nextTry(mail: Claimed, { words }: Verdict, now: Date): Verdict {
  const minutes = RETRY_AFTER_MINUTES[mail.attempts - 1];
  if (minutes === undefined) return { status: 'failed', words };
  const linkLivesMs = mail.expiresAt ? mail.expiresAt.getTime() - now.getTime() : Number.POSITIVE_INFINITY;
  const waitMs = Math.min(minutes * MINUTE_MS, linkLivesMs / 2);
  if (waitMs < MINUTE_MS) return { status: 'failed', words: tooLate(words) };
  return { status: 'deferred', words, nextAttemptAt: new Date(now.getTime() + waitMs) };
}

/** Removes addresses for the log: mail servers repeat the recipient they reject. */
const withoutAddresses = (words: string): string =>
  words.replace(/[^\s<>"'()]+/g, (word) => (word.includes('@') ? '…@…' : word));

/** A server's answer can be anything, even a megabyte long. The database stores neither NUL nor lone surrogates. */
const asKept = (words: string): string => Buffer.from(words.slice(0, MOST_WORDS)).toString().replaceAll('\0', '');

/** Records the result of a delivery attempt. */
export function settle(mail: Claimed, told: Verdict, now: Date): Promise<void> {
  const verdict = { ...told, words: asKept(told.words) };
  const { status, words, nextAttemptAt } = verdict.status === 'deferred' ? nextTry(mail, verdict, now) : verdict;
  metrics.mailAttempts.inc({ outcome: status });
  if (status !== 'accepted') log.warn(`A mail was ${status}`, { mailId: mail.id, words: withoutAddresses(words) });
  return inTurn({
    tenant_id: mail.tenantId,
    id: mail.id,
    attempts: mail.attempts,
    status,
    words,
    next_attempt_at: nextAttemptAt ?? null,
    settled_at: nextAttemptAt ? null : now,
  });
}

type Note = Pick<Claimed, 'id' | 'attempts'> & {
  tenant_id: string;
  status: Verdict['status'];
  words: string;
  next_attempt_at: Date | null;
  settled_at: Date | null;
};
const waiting: { note: Note; resolve: () => void; reject: (error: unknown) => void }[] = [];
let isWriting = false;

/** One statement for all results that arrived during the previous write, so that many mails a second need few statements. */
function inTurn(note: Note): Promise<void> {
  return new Promise((resolve, reject) => {
    waiting.push({ note, resolve, reject });
    if (!isWriting) void writeWaiting();
  });
}

async function writeWaiting(): Promise<void> {
  isWriting = true;
  while (waiting.length > 0) {
    const batch = waiting.splice(0);
    const notes = batch.map(({ note }) => note);
    // A batch may deadlock with a command that cancels several mails and be rolled back. Single writes cannot.
    const isWritten = await write(notes).then(
      () => true,
      () => false,
    );
    for (const { note, resolve, reject } of batch) {
      if (isWritten) resolve();
      else await write([note]).then(resolve, reject);
    }
  }
  isWriting = false;
}

/**
 * Matches each mail by its attempt number, so that a worker whose lease expired changes nothing. A mail that was cancelled during
 * delivery but was accepted by the server is recorded as accepted.
 */
const write = async (notes: Note[]): Promise<void> => {
  await acrossTenants(() =>
    db
      .update(mails)
      .set({
        status: sql`note.status`,
        lastResponse: sql`note.words`,
        settledAt: sql`note.settled_at`,
        nextAttemptAt: sql`coalesce(note.next_attempt_at, ${mails.nextAttemptAt})`,
        contentSealed: sql`case when note.settled_at is null then ${mails.contentSealed} end`,
      })
      .from(sql`jsonb_to_recordset(${JSON.stringify(notes)}::jsonb) as note(
        tenant_id uuid, id uuid, attempts integer, status mail_status, words text, next_attempt_at timestamptz, settled_at timestamptz)`)
      .where(
        sql`${mails.tenantId} = note.tenant_id and ${mails.id} = note.id and ${mails.attempts} = note.attempts
          and (${mails.status} in ('queued', 'deferred') or ${mails.status} = 'cancelled' and note.status = 'accepted')`,
      )
      .prepare('settle_mails')
      .execute(),
  );
};
