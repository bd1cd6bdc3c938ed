import { Time } from '@/components/time';
import type { AuditEntry } from '@/db/schema/audit';
import { DOOR_NAMES, sentence } from '@/lib/audit/sentence';

type Props = { of: string; entry: AuditEntry | null; now: Date; timeZone: string };

/** Who or what last set the property, when, and through which interface: from the audit log. */
export function Why({ of, entry, now, timeZone }: Props) {
  return (
    <details className="why">
      <summary aria-label={`Why? ${of}`}>Why?</summary>
      {entry ? (
        <p>
          {sentence(entry)}, <Time at={entry.at} now={now} timeZone={timeZone} style="datetime" />. Door:{' '}
          {DOOR_NAMES[entry.actorKind]}.
        </p>
      ) : (
        <p>Nothing in the audit log has set this: it is as it was when the account was made.</p>
      )}
    </details>
  );
}
