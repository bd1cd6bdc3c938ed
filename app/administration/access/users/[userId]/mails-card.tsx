import { Time } from '@/components/time';
import { Card, CardHeader } from '@/components/ui/card';
import type { MailKind } from '@/lib/mail/outbox';
import { Delivery } from './delivery';
import type { readMails } from './read-person';

type Props = { mails: Awaited<ReturnType<typeof readMails>>; now: Date; timeZone: string };

const KINDS: Record<Exclude<MailKind, 'invitation'>, string> = {
  'password-reset': 'Password reset',
  'address-changed': 'Notice of the changed address',
  'second-factor-asked': 'Request to set up a second factor',
  security: 'Security notice',
};

/** A queued mail is not a delivered one, so this shows the mail server's answer. */
export function MailsCard({ mails, now, timeZone }: Props) {
  if (mails.length === 0) return null;
  return (
    <Card>
      <CardHeader title="Mails" description="The newest that were written to them, and what became of each." />
      <ol className="trail">
        {mails.map((mail) => (
          <li key={mail.id}>
            <p>
              {KINDS[mail.kind as keyof typeof KINDS]} to {mail.toAddress}
            </p>
            <small>
              <Time at={mail.createdAt} now={now} timeZone={timeZone} style="datetime" /> ·{' '}
              <Delivery mail={mail} now={now} timeZone={timeZone} />
            </small>
          </li>
        ))}
      </ol>
    </Card>
  );
}
