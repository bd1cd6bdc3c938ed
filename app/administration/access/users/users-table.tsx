import { ButtonLink } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';
import { passageNow } from '@/lib/sessions/passage';
import type { Sort } from '@/lib/users/list';
import type { Rows } from './document-rows';
import { readPage, type UserRowData } from './read-page';
import { hrefOf } from './search-params';
import { standsUntil, toRow, type UserRow } from './user-row';
import { UsersList } from './users-list';
import { isFiltered, USERS_PATH, type View } from './view';

const COLUMNS: [Sort, string][] = [
  ['email', 'Email'],
  ['firstName', 'First Name'],
  ['lastName', 'Last Name'],
  ['status', 'Is Active'],
  ['mfa', 'MFA Enabled'],
  ['saml', 'SAML Enabled'],
  ['role', 'Tenant Admin'],
  ['lastLogin', 'Last Login'],
];

type Props = { tenantId: string; view: View; now: Date; timeZone: string };

export async function UsersTable({ tenantId, view, now, timeZone }: Props) {
  const began = performance.now();
  const page = await readPage(tenantId, view, now);
  noteReading(page.rows, view, now, began);
  if (page.rows.length === 0) return <Nobody view={view} />;

  return (
    <UsersList
      rows={handOver(page.rows.map((user) => toRow(user, now, timeZone)))}
      columns={COLUMNS.map(([sort, label]) => ({
        label,
        direction: view.sort === sort ? view.dir : null,
        href: hrefOf(view, { sort, dir: view.sort === sort && view.dir === 'asc' ? 'desc' : 'asc' }),
      }))}
      view={view}
      total={page.before || page.after ? page.total : null}
      summary={`${page.rows.length} of ${page.total}`}
      previousHref={page.before && hrefOf(view, { before: page.before })}
      nextHref={page.after && hrefOf(view, { after: page.after })}
    />
  );
}

let handed = 0;

/** Only for documents: the client has no other source for the rows of a view that it fetches. */
function handOver(rows: UserRow[]): Rows {
  const passage = passageNow();
  if (!passage?.build) return rows;
  const inDocument = ++handed;
  passage.rows = { inDocument, rows };
  return { inDocument };
}

/** A replica shows nothing older than earlier commits (db/replica.ts), so its rows are never older than list_changes either. */
function noteReading(rows: UserRowData[], view: View, now: Date, began: number): void {
  const passage = passageNow();
  if (!passage) return;
  passage.queryMs = performance.now() - began;
  const stands = standsUntil(rows, view, now);
  if (stands > now.getTime()) passage.stands = stands;
}

function Nobody({ view }: { view: View }) {
  if (view.after || view.before) {
    return (
      <EmptyState
        title="Nobody beyond this point"
        text="The people who stood on this page are elsewhere in the list now."
        action={<ButtonLink href={hrefOf(view)}>To the first page</ButtonLink>}
      />
    );
  }
  if (!isFiltered(view)) return <EmptyState title="Nobody is here yet" text="Invite the first person by e-mail." />;
  return (
    <EmptyState
      title={view.status === 'removed' && !view.q ? 'Nobody was removed' : 'Nobody matches'}
      text={
        view.status === 'removed'
          ? 'People who are removed stay here for 30 days and can be restored.'
          : 'Try fewer filters or another spelling. The search looks at addresses, names and ids.'
      }
      action={<ButtonLink href={USERS_PATH}>Clear search and filters</ButtonLink>}
    />
  );
}
