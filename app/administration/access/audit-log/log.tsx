import { ButtonLink } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';
import { Pagination } from '@/components/ui/pagination';
import { type AuditFilters, readEntries } from '@/lib/audit/list';
import { counted } from '@/lib/counted';
import { toShown } from '../audit-entries';
import { EntryList } from '../entry-list';
import { AUDIT_PATH } from './path';
import { type AuditView, hrefOf, isFiltered } from './search-params';

const SIZE = 50;

/** One page, newest first, without a count: with ten million entries the count would cost more than the page. */
export async function readPage(tenantId: string, filters: AuditFilters, { after, before }: AuditView) {
  const backwards = before !== undefined;
  const part = { dir: backwards ? 'asc' : 'desc', place: before ?? after, limit: SIZE + 1 } as const;
  const found = await readEntries(tenantId, filters, part);
  const more = found.length > SIZE;
  const rows = found.slice(0, SIZE);
  if (backwards) rows.reverse();
  return {
    rows,
    newer: (backwards ? more : after !== undefined) ? rows.at(0)?.entry.id : undefined,
    older: (backwards ? true : more) ? rows.at(-1)?.entry.id : undefined,
  };
}

type Props = { tenantId: string; view: AuditView; filters: AuditFilters; now: Date; timeZone: string };

export async function Log({ tenantId, view, filters, now, timeZone }: Props) {
  const { rows, newer, older } = await readPage(tenantId, filters, view);
  if (rows.length === 0) return <Nothing view={view} />;
  return (
    <>
      <section className="card" aria-label="Entries">
        <EntryList entries={rows.map(({ entry, number, hash }) => toShown(entry, { number, hash }, now, timeZone))} />
      </section>
      <Pagination
        summary={`${counted(rows.length, 'entry', 'entries')}, newest first`}
        previousHref={newer && hrefOf(view, { before: newer })}
        nextHref={older && hrefOf(view, { after: older })}
      />
    </>
  );
}

function Nothing({ view }: { view: AuditView }) {
  if (view.after || view.before)
    return (
      <EmptyState
        title="Nothing beyond this point"
        text="There are no entries further on."
        action={<ButtonLink href={hrefOf(view)}>To the newest</ButtonLink>}
      />
    );
  if (!isFiltered(view))
    return <EmptyState title="Nothing yet" text="Everything that is changed here leaves an entry." />;
  return (
    <EmptyState
      title="No entry matches"
      text="Try a longer time or fewer filters. A person who was erased is found by the search, not as a person."
      action={<ButtonLink href={AUDIT_PATH}>Clear search and filters</ButtonLink>}
    />
  );
}
