import Link from 'next/link';
import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { ButtonLink } from '@/components/ui/button';
import { DataTable } from '@/components/ui/data-table';
import type { ListedKey } from '@/lib/api-keys/find';
import { detailHref } from '../users/detail-href';
import { KEYS_PATH } from './path';

type Props = { keys: ListedKey[]; now: Date; timeZone: string };

export function KeysTable({ keys, now, timeZone }: Props) {
  const times = { now, timeZone } as const;
  return (
    <DataTable label="API keys">
      <thead>
        <tr>
          {['Name', 'Created At', 'Expiration', 'Created By', 'Last Used'].map((label) => (
            <th key={label} scope="col">
              {label}
            </th>
          ))}
          <th scope="col">
            <span className="sr-only">Revoke</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <tr key={key.id}>
            <td title={key.name}>
              {key.name} <small>{key.hint}</small>
            </td>
            <td data-label="Created At">
              <Time at={key.createdAt} {...times} style="date" />
            </td>
            <td data-label="Expiration">{expiration(key, times)}</td>
            <td data-label="Created By">
              <Link className="link" href={detailHref(key.creatorId)} prefetch={false}>
                {key.creatorName ?? key.creatorEmail}
              </Link>
              {key.creatorRole !== 'tenant_admin' && <small>no Tenant Admin now, so it is refused</small>}
            </td>
            <td data-label="Last Used">
              {key.lastUsedAt ? <Time at={key.lastUsedAt} {...times} style="relative" /> : 'Never'}
            </td>
            <td>
              <ButtonLink
                href={`${KEYS_PATH}/${key.id}/revoke`}
                variant="danger"
                size="small"
                aria-label={`Revoke ${key.name}`}
              >
                Revoke
              </ButtonLink>
            </td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}

function expiration({ expiresAt }: ListedKey, times: { now: Date; timeZone: string }) {
  if (expiresAt === null) return 'Never';
  if (expiresAt <= times.now) return <Badge tone="warn">Expired</Badge>;
  return <Time at={expiresAt} {...times} style="date" />;
}
