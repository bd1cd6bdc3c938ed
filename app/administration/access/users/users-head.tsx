'use client';

import { ButtonLink } from '@/components/ui/button';
import { PageHeader } from '@/components/ui/page-header';
import { ExportForm, UsersFilters } from './users-filters';
import { USERS_PATH, type View } from './view';

type Props = { tenantName: string; view: View; params: Record<string, string> };

/** What stands above the list. In the browser too for its size alone: see users-list.tsx. */
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
