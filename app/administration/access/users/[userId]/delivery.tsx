import { Time } from '@/components/time';
import { mails } from '@/db/schema/mails';
import { counted } from '@/lib/counted';

/** The columns of a mail that `Delivery` needs. */
export const DELIVERY = {
  status: mails.status,
  attempts: mails.attempts,
  nextAttemptAt: mails.nextAttemptAt,
  lastResponse: mails.lastResponse,
};

type Mail = Pick<typeof mails.$inferSelect, keyof typeof DELIVERY>;
type Props = { mail: Mail; now: Date; timeZone: string };

/** Claims no more than is known: "accepted" means by the mail server; whether the mail reached the inbox is unknown. */
export function Delivery({ mail, now, timeZone }: Props) {
  const next = <Time at={mail.nextAttemptAt} now={now} timeZone={timeZone} style="datetime" />;
  const words = mail.lastResponse && <code>{mail.lastResponse}</code>;
  if (mail.status === 'queued')
    return mail.attempts === 0 ? 'Queued: not offered to the mail server yet' : 'Being handed to the mail server';
  if (mail.status === 'accepted') return <>Accepted by the mail server: {words}</>;
  if (mail.status === 'deferred')
    return (
      <>
        Deferred after {counted(mail.attempts, 'try', 'tries')}, next try {next}: {words}
      </>
    );
  if (mail.status === 'cancelled') return 'Cancelled before it was sent';
  return <>Failed: {words}</>;
}
