import { Time } from '@/components/time';
import { Card, CardHeader } from '@/components/ui/card';
import type { AuditEntry } from '@/db/schema/audit';
import { sentence } from '@/lib/audit/sentence';
import { deviceName } from '@/lib/sessions/device';
import { TRAIL_LENGTH } from './read-person';

type Props = { entries: AuditEntry[]; now: Date; timeZone: string };

export function AuditTrail({ entries, now, timeZone }: Props) {
  const full = entries.length === TRAIL_LENGTH;
  return (
    <Card>
      <CardHeader
        title="Audit trail"
        description={
          full
            ? `The newest ${TRAIL_LENGTH} entries about this person and of what they did.`
            : 'What was done to this person, and what they did.'
        }
      />
      <ol className="trail">
        {entries.map((entry) => (
          <li key={entry.id}>
            <p>{sentence(entry)}</p>
            <small>
              <Time at={entry.at} now={now} timeZone={timeZone} style="datetime" />
              {entry.ip && ` · ${entry.ip}`}
              {entry.userAgent && ` · ${deviceName(entry.userAgent)}`}
            </small>
          </li>
        ))}
      </ol>
    </Card>
  );
}
