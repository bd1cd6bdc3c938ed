import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { readerTimeZone } from '@/app/reader';
import { ButtonLink } from '@/components/ui/button';
import { PageHeader } from '@/components/ui/page-header';
import { requireSession } from '@/lib/auth/current-actor';
import { parseView, type RawParams, SIZE_COOKIE, USERS_PATH } from './search-params';
import { ExportForm, UsersFilters } from './users-filters';
import { UsersTable } from './users-table';

export const metadata: Metadata = { title: 'Users' };

type Props = { searchParams: Promise<RawParams> };

export default async function UsersPage({ searchParams }: Props) {
  const session = await requireSession('tenant_admin');
  const view = parseView(await searchParams, (await cookies()).get(SIZE_COOKIE)?.value);
  return (
    <>
      <PageHeader
        title="Users"
        description={`Everybody who is in ${session.tenantName}, or is invited.`}
        actions={
          <>
            <ExportForm view={view} />
            <ButtonLink href={`${USERS_PATH}/import`}>Invite many</ButtonLink>
            <ButtonLink href={`${USERS_PATH}/invite`} variant="primary">
              Invite User
            </ButtonLink>
          </>
        }
      />
      <UsersFilters view={view} />
      <form method="get" action={`${USERS_PATH}/bulk`} className="rows-form">
        <UsersTable tenantId={session.tenantId} view={view} now={new Date()} timeZone={await readerTimeZone()} />
      </form>
    </>
  );
}
