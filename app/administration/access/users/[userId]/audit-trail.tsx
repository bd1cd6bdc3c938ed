import { ButtonLink } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import type { User } from '@/db/schema/users';
import { readEntries } from '@/lib/audit/list';
import { toShown } from '../../audit-entries';
import { AUDIT_PATH } from '../../audit-log/path';
import { EntryList } from '../../entry-list';

const LENGTH = 25;

type Props = { user: User; now: Date; timeZone: string };

/** What was done to this person and what they did: a view of the log. */
export async function AuditTrail({ user, now, timeZone }: Props) {
  const rows = await readEntries(user.tenantId, { person: user.id }, { dir: 'desc', limit: LENGTH + 1 });
  return (
    <Card>
      <CardHeader
        title="Audit trail"
        description="What was done to this person, and what they did."
        actions={rows.length > LENGTH && <ButtonLink href={`${AUDIT_PATH}?person=${user.id}`}>All of it</ButtonLink>}
      />
      <EntryList
        entries={rows
          .slice(0, LENGTH)
          .map(({ entry, number, hash }) => toShown(entry, { number, hash }, now, timeZone))}
      />
    </Card>
  );
}
