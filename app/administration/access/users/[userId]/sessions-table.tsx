import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { Card, CardHeader } from '@/components/ui/card';
import { DataTable } from '@/components/ui/data-table';
import type { User } from '@/db/schema/users';
import type { UserActor } from '@/lib/actor';
import { deviceName } from '@/lib/sessions/device';
import type { ListedSession } from '@/lib/sessions/find';
import { methodWords } from '@/lib/sessions/method';
import { endSessionAction } from './actions';
import { PersonForm } from './person-form';

type Props = { actor: UserActor; user: User; sessions: ListedSession[]; now: Date; timeZone: string };

export function SessionsTable({ actor, user, sessions, now, timeZone }: Props) {
  const times = { now, timeZone, style: 'relative' } as const;
  if (sessions.length === 0) {
    return (
      <Card>
        <CardHeader title="Sessions" description="Not signed in anywhere." />
      </Card>
    );
  }
  return (
    <Card>
      <CardHeader
        title="Sessions"
        description={`Signed in ${sessions.length === 1 ? 'on one device' : `${sessions.length} times`}.`}
      />
      <DataTable label="Sessions">
        <thead>
          <tr>
            {['Device', 'Address', 'Method', 'Started', 'Last seen'].map((label) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
            <th scope="col">
              <span className="sr-only">End</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <tr key={session.id}>
              <td title={session.userAgent ?? undefined}>
                {deviceName(session.userAgent)}{' '}
                {session.id === actor.sessionId && <Badge tone="accent">This one</Badge>}
              </td>
              <td data-label="Address" className="wraps">
                {session.ip ?? 'Unknown'}
              </td>
              <td data-label="Method">{methodWords(session)}</td>
              <td data-label="Started">
                <Time at={session.createdAt} {...times} />
              </td>
              <td data-label="Last seen">
                <Time at={session.lastSeenAt} {...times} />
              </td>
              <td>
                <PersonForm action={endSessionAction} userId={user.id} label="End" refusal={null}>
                  <input type="hidden" name="sessionId" value={session.id} />
                </PersonForm>
              </td>
            </tr>
          ))}
        </tbody>
      </DataTable>
    </Card>
  );
}
