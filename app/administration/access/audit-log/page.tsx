import type { Metadata } from 'next';
import { readerTimeZone } from '@/app/reader';
import { PageHeader } from '@/components/ui/page-header';
import { requireSession } from '@/lib/auth/current-actor';
import { AuditFilters, ExportForm } from './audit-filters';
import { ChainCard } from './chain-card';
import { findPerson } from './find-person';
import { Log } from './log';
import { filtersOf, parseView, type RawParams } from './search-params';

export const metadata: Metadata = { title: 'Audit Log' };

export default async function AuditLogPage({ searchParams }: { searchParams: Promise<RawParams> }) {
  const { tenantId, tenantName } = await requireSession('tenant_admin');
  const view = parseView(await searchParams);
  const timeZone = await readerTimeZone();
  const filters = filtersOf(view, await findPerson(tenantId, view.person), timeZone);
  return (
    <>
      <PageHeader
        title="Audit Log"
        description={`Everything that was changed in ${tenantName}, by whom and from where.`}
        actions={<ExportForm view={view} />}
      />
      <AuditFilters view={view} />
      <div className="stack">
        <ChainCard tenantId={tenantId} />
        <Log tenantId={tenantId} view={view} filters={filters} now={new Date()} timeZone={timeZone} />
      </div>
    </>
  );
}
