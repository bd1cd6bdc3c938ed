import { Card, CardHeader } from '@/components/ui/card';
import type { ListedKey } from '@/lib/api-keys/find';
import { KeysTable } from '../../api-keys/keys-table';

type Props = { keys: ListedKey[]; now: Date; timeZone: string };

export function KeysCard({ keys, now, timeZone }: Props) {
  if (keys.length === 0) return null;
  return (
    <Card>
      <CardHeader title="API keys" description="They act with this person’s permissions, and end with their access." />
      <KeysTable keys={keys} now={now} timeZone={timeZone} />
    </Card>
  );
}
