import { and, eq, inArray, sql } from 'drizzle-orm';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { Tx } from '@/db/client';
import { newId } from '@/db/id';
import { insertRows } from '@/db/insert-rows';
import { mails } from '@/db/schema/mails';
import { seal } from '@/lib/crypto/seal';
import { env } from '@/lib/env';
import type { Message } from './messages/layout';

export type MailKind = 'invitation' | 'password-reset' | 'address-changed' | 'second-factor-asked' | 'security';
type Recipient = { userId: string; address: string };

/** The purpose under which messages are sealed. */
export const MAIL_PURPOSE = 'mail';

type NewMail = { to: Recipient; message: Message };

/**
 * Writes a mail into the outbox, in the transaction that causes it: a rollback sends no mail, and a commit loses none. The
 * message is composed completely here, Message-ID and Date included, so that every retry sends the same bytes. `expiresAt` is
 * when the link in it expires: a mail with a dead link is not sent.
 */
export async function enqueue(
  tx: Tx,
  now: Date,
  { tenantId, ...to }: Recipient & { tenantId: string },
  kind: MailKind,
  message: Message,
  expiresAt: Date | null = null,
): Promise<string> {
  const [id] = await enqueueMany(tx, now, tenantId, kind, [{ to, message }], expiresAt);
  return String(id);
}

/** Enqueues many mails in one statement. Returns their ids in the order given. */
export async function enqueueMany(
  tx: Tx,
  now: Date,
  tenantId: string,
  kind: MailKind,
  given: NewMail[],
  expiresAt: Date | null,
): Promise<string[]> {
  if (given.length === 0) return [];
  const rows = [];
  for (const { to, message } of given) {
    const id = newId(now);
    const messageId = `<${id}@${new URL(env().APP_URL).hostname}>`;
    const raw = await new MailComposer({
      from: env().MAIL_FROM,
      to: { name: '', address: to.address },
      subject: message.subject,
      text: message.text,
      html: message.html,
      messageId,
      date: now,
      headers: { 'Auto-Submitted': 'auto-generated' },
    })
      .compile()
      .build();
    const contentSealed = seal(raw.toString('utf8'), MAIL_PURPOSE);
    rows.push({ id, userId: to.userId, toAddress: to.address, messageId, contentSealed });
  }
  await insertRows(tx, mails, { tenantId, kind, createdAt: now, expiresAt, nextAttemptAt: sql`now()` }, rows);
  return rows.map(({ id }) => id);
}

/** Cancels mails that were not sent yet. A mail in delivery may still arrive; its link is dead then. */
export async function cancelMails(tx: Tx, now: Date, tenantId: string, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .update(mails)
    .set({ status: 'cancelled', contentSealed: null, settledAt: now })
    .where(and(eq(mails.tenantId, tenantId), inArray(mails.id, ids), inArray(mails.status, ['queued', 'deferred'])));
}
