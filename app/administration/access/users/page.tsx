import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { readerTimeZone } from '@/app/reader';
import { NoEnter } from '@/components/form/no-enter';
import { requireSession } from '@/lib/auth/current-actor';
import { paramsOf, parseView, type RawParams } from './search-params';
import { UsersHead } from './users-head';
import { UsersTable } from './users-table';
import { SIZE_COOKIE, USERS_PATH } from './view';

export const metadata: Metadata = { title: 'Users' };

type Props = { searchParams: Promise<RawParams> };

export default async function UsersPage({ searchParams }: Props) {
  const session = await requireSession('tenant_admin');
  const view = parseView(await searchParams, (await cookies()).get(SIZE_COOKIE)?.value);
  return (
    <>
      <UsersHead tenantName={session.tenantName} view={view} params={paramsOf(view)} />
      <form method="get" action={`${USERS_PATH}/bulk`} className="rows-form">
        <NoEnter />
        <UsersTable tenantId={session.tenantId} view={view} now={new Date()} timeZone={await readerTimeZone()} />
      </form>
    </>
  );
}
