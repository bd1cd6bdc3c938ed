'use client';

import { ButtonLink } from '@/components/ui/button';
import { PageHeader } from '@/components/ui/page-header';
import { ExportForm, UsersFilters } from './users-filters';
import { USERS_PATH, type View } from './view';

type Props = { tenantName: string; view: View; params: Record<string, string> };

/** The header and filters above the list. A client component only for its size: see users-list.tsx. */
export const UsersHead = ({ tenantName, view, params }: Props) => (
  <>
    <PageHeader
      title="Users"
      description={`Everybody who is in ${tenantName}, or is invited.`}
      actions={
        <>
          <ExportForm params={params} />
          <ButtonLink href={`${USERS_PATH}/import`}>Invite many</ButtonLink>
          <ButtonLink href={`${USERS_PATH}/invite`} variant="primary">
            Invite User
          </ButtonLink>
        </>
      }
    />
    <UsersFilters view={view} params={params} />
  </>
);
