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
/** Over a weekend and a day: five days, as mail servers among themselves (RFC 5321, 4.5.4.1). */
const RETRY_AFTER_MINUTES = [1, 2, 5, 15, 30, 60, 120, 240, 480, 720, 720, 720, 720, 720, 720, 720, 720, 720];
const MOST_WORDS = 1_000;

/** The last words stay: they are why it took so long. */
export const tooLate = (words: string | null): string =>
  `Given up: the link in it ends before the mail can be delivered.${words ? ` The last answer was: ${words}` : ''}`;

/** When a deferred mail is offered again, if it has a try left: towards the end of its link sooner than usual, then never. */
function nextTry(mail: Claimed, { words }: Verdict, now: Date): Verdict {
  const minutes = RETRY_AFTER_MINUTES[mail.attempts - 1];
  if (minutes === undefined) return { status: 'failed', words };
  const linkLivesMs = mail.expiresAt ? mail.expiresAt.getTime() - now.getTime() : Number.POSITIVE_INFINITY;
  const waitMs = Math.min(minutes * MINUTE_MS, linkLivesMs / 2);
  if (waitMs < MINUTE_MS) return { status: 'failed', words: tooLate(words) };
  return { status: 'deferred', words, nextAttemptAt: new Date(now.getTime() + waitMs) };
}

/** Mail servers repeat whom they refuse. */
const withoutAddresses = (words: string): string =>
  words.replace(/[^\s<>"'()]+/g, (word) => (word.includes('@') ? '…@…' : word));

/** What a server says may be anything, a megabyte too; the database keeps neither a NUL nor half a character. */
const asKept = (words: string): string => Buffer.from(words.slice(0, MOST_WORDS)).toString().replaceAll('\0', '');

/** Notes what became of a mail. */
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

/** One statement for all that were answered while the one before was written: many mails a second are few statements. */
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
    // Together they may be in the way of a deed that cancels several mails, and lose: one at a time none can.
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
 * Each by its own attempt number, so that a worker whose lease ran out changes nothing. One that was cancelled while it was
 * handed over, and has arrived all the same, is not told as never sent.
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
