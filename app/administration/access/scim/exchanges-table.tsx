import Link from 'next/link';
import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { Card, CardHeader } from '@/components/ui/card';
import { DataTable } from '@/components/ui/data-table';
import { KEPT_EXCHANGES, type listExchanges } from '@/lib/scim/recorder';
import { SCIM_PATH } from './scim-path';

type Props = { exchanges: Awaited<ReturnType<typeof listExchanges>>; now: Date; timeZone: string };

/** The flight recorder. */
export function ExchangesTable({ exchanges, now, timeZone }: Props) {
  return (
    <Card>
      <CardHeader
        title="Flight recorder"
        description={
          exchanges.length === 0
            ? 'What your identity provider asks, and what it is answered, will be listed here.'
            : `The last ${KEPT_EXCHANGES} exchanges at most, newest first. Open one to see what was sent.`
        }
      />
      {exchanges.length > 0 && (
        <DataTable label="Exchanges">
          <thead>
            <tr>
              {['What happened', 'Answer', 'Request', 'By', 'When'].map((label) => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {exchanges.map((exchange) => (
              <tr key={exchange.id}>
                <td className="wide" title={exchange.meaning}>
                  <Link className="row-link" href={`${SCIM_PATH}/exchanges/${exchange.id}`} prefetch={false}>
                    {exchange.meaning}
                  </Link>
                </td>
                <td data-label="Answer">
                  <Badge tone={exchange.status < 400 ? 'ok' : exchange.status < 500 ? 'warn' : 'danger'}>
                    {exchange.status}
                  </Badge>
                </td>
                <td data-label="Request" title={`${exchange.method} ${exchange.path}`}>
                  <code>
                    {exchange.method} {exchange.path}
                  </code>
                </td>
                <td data-label="By">{exchange.tokenName}</td>
                <td data-label="When">
                  <Time at={exchange.at} now={now} timeZone={timeZone} style="relative" />
                </td>
              </tr>
            ))}
          </tbody>
        </DataTable>
      )}
    </Card>
  );
}
