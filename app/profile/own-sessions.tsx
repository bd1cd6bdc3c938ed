import Link from 'next/link';
import { Form, Submit } from '@/components/form/form';
import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { Card, CardHeader } from '@/components/ui/card';
import { DataTable } from '@/components/ui/data-table';
import { deviceName } from '@/lib/sessions/device';
import { type LiveSession, listSessions } from '@/lib/sessions/find';
import { methodWords } from '@/lib/sessions/method';
import { endOtherSessionsAction, endOwnSessionAction } from './actions';

type Props = { session: LiveSession; timeZone: string };

export async function OwnSessions({ session, timeZone }: Props) {
  const now = new Date();
  const own = await listSessions(session.tenantId, session.userId, now);
  const times = { now, timeZone, style: 'relative' } as const;
  return (
    <Card>
      <CardHeader
        title="Where you are signed in"
        actions={
          own.length > 1 && (
            <Form action={endOtherSessionsAction}>
              <Submit variant="secondary">End all others</Submit>
            </Form>
          )
        }
      />
      <DataTable label="Your sessions">
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col">Address</th>
            <th scope="col">Method</th>
            <th scope="col">Started</th>
            <th scope="col">Last seen</th>
            <th scope="col">
              <span className="sr-only">End</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {own.map(({ id, ip, userAgent, createdAt, lastSeenAt, ...how }) => (
            <tr key={id}>
              <td title={userAgent ?? undefined}>{deviceName(userAgent)}</td>
              <td data-label="Address" className="wraps">
                {ip ?? 'Unknown'}
              </td>
              <td data-label="Method">{methodWords(how)}</td>
              <td data-label="Started">
                <Time at={createdAt} {...times} />
              </td>
              <td data-label="Last seen">
                <Time at={lastSeenAt} {...times} />
              </td>
              <td>
                {id === session.sessionId ? (
                  <Badge tone="accent">This one</Badge>
                ) : (
                  <Form action={endOwnSessionAction}>
                    <input type="hidden" name="sessionId" value={id} />
                    <Submit variant="secondary">End</Submit>
                  </Form>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </DataTable>
      <p>
        Something here is not yours?{' '}
        <Link className="link" href="/profile/not-me" prefetch={false}>
          This was not me
        </Link>
      </p>
    </Card>
  );
}
