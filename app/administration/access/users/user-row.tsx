import Link from 'next/link';
import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { YesNo } from '@/components/ui/yes-no';
import { invitationStatus } from './invitation-status';
import { USERS_PATH } from './search-params';
import type { UserRowData } from './users-table';

type Props = { user: UserRowData; now: Date; timeZone: string };

/** One link, over the whole row; the checkbox stays above it. */
export function UserRow({ user, now, timeZone }: Props) {
  return (
    <tr>
      <td className="select-cell">
        <input type="checkbox" name="ids" value={user.id} aria-label={`Select ${user.email}`} />
      </td>
      <td>
        <Link className="row-link" href={`${USERS_PATH}/${user.id}`} prefetch={false} title={user.email}>
          {user.email}
        </Link>
      </td>
      <td data-label="First Name" title={user.firstName}>
        {user.firstName}
      </td>
      <td data-label="Last Name" title={user.lastName}>
        {user.lastName}
      </td>
      <td data-label="Is Active">
        <Standing user={user} now={now} />
      </td>
      <td data-label="MFA Enabled">
        <YesNo value={user.samlEnabled && !user.hasPassword ? null : user.mfaEnabled} />
      </td>
      <td data-label="SAML Enabled">
        <YesNo value={user.samlEnabled} />
      </td>
      <td data-label="Tenant Admin">
        <YesNo value={user.role === 'tenant_admin'} />
      </td>
      <td data-label="Last Login">
        {user.lastLoginAt ? (
          <>
            <Time at={user.lastLoginAt} now={now} timeZone={timeZone} style="relative" />
            <small>{user.lastLoginMethod === 'saml' ? 'SAML' : 'Password'}</small>
          </>
        ) : (
          <span className="text-muted">Never</span>
        )}
      </td>
    </tr>
  );
}

function Standing({ user, now }: { user: UserRowData; now: Date }) {
  if (user.status === 'active') return <YesNo value />;
  if (user.status === 'deactivated') return <Badge tone="neutral">Deactivated</Badge>;
  if (user.status === 'removed') return <Badge tone="danger">Removed</Badge>;
  const { tone, words } = invitationStatus(user.invitationExpiresAt, now);
  return <Badge tone={tone}>{words}</Badge>;
}
