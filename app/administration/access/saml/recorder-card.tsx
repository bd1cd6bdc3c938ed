import Link from 'next/link';
import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { Card, CardHeader } from '@/components/ui/card';
import { DataTable } from '@/components/ui/data-table';
import { type Reason, reasonWords } from '@/lib/saml/reasons';
import type { listExchanges } from '@/lib/saml/recorder';
import { SAML_PATH } from './saml-path';

type Exchanges = Awaited<ReturnType<typeof listExchanges>>;

export const KIND_WORDS = { 'sign-in': 'Sign-in', test: 'Test', 'sign-out': 'Sign-out' } as const;
export const OUTCOMES = {
  done: { tone: 'ok', words: 'Accepted' },
  waiting: { tone: 'neutral', words: 'Waiting for the browser' },
  refused: { tone: 'danger', words: 'Refused' },
} as const;

/** The flight recorder: the messages received and sent, and for each refusal what to change. */
export function RecorderCard({ exchanges, now, timeZone }: { exchanges: Exchanges; now: Date; timeZone: string }) {
  if (exchanges.length === 0)
    return (
      <Card>
        <CardHeader
          title="Flight recorder"
          description="Nothing has come or gone yet. The last hundred messages will be here."
        />
      </Card>
    );
  return (
    <Card>
      <CardHeader
        title="Flight recorder"
        description="The last hundred messages, without signatures and what is not read."
      />
      <DataTable label="Messages">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">What</th>
            <th scope="col">Outcome</th>
          </tr>
        </thead>
        <tbody>
          {exchanges.map((each) => (
            <tr key={each.id}>
              <td>
                <Link href={`${SAML_PATH}/exchanges/${each.id}`} prefetch={false} className="row-link">
                  <Time at={each.at} now={now} timeZone={timeZone} style="relative" />
                </Link>
              </td>
              <td data-label="What">
                {KIND_WORDS[each.kind]}
                {each.subject && <small> {each.subject}</small>}
              </td>
              <td data-label="Outcome" className="wraps">
                {each.direction === 'sent' ? (
                  <Badge tone="neutral">Asked</Badge>
                ) : (
                  <Badge tone={OUTCOMES[each.outcome].tone}>{OUTCOMES[each.outcome].words}</Badge>
                )}
                {each.reason && (
                  <small> {reasonWords({ reason: each.reason as Reason, facts: each.facts ?? {} })}</small>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </DataTable>
    </Card>
  );
}
