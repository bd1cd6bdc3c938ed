import { eq, sql } from 'drizzle-orm';
import { SelectAllRows } from '@/components/select-rows';
import { ButtonLink } from '@/components/ui/button';
import { DataTable, SortHeader } from '@/components/ui/data-table';
import { EmptyState } from '@/components/ui/empty-state';
import { Pagination } from '@/components/ui/pagination';
import { reading } from '@/db/replica';
import { invitations } from '@/db/schema/invitations';
import { users } from '@/db/schema/users';
import { beyond, inOrder, matching, openInvitation, placeIn, type Sort } from '@/lib/users/list';
import { BulkBar } from './bulk-bar';
import { filtersOf, hrefOf, isFiltered, USERS_PATH, type View } from './search-params';
import { toRow } from './user-row';
import { UserRows } from './user-rows';

const MOST_COUNTED = 10_000;

/**
 * One page of rows and their capped count, by one query whatever the tenant's size: ids first, from an index that holds
 * all that is filtered and sorted by; then the columns of those few rows.
 */
export async function readPage(tenantId: string, view: View, now: Date) {
  const backwards = view.before !== undefined;
  const direction = backwards ? (view.dir === 'asc' ? 'desc' : 'asc') : view.dir;
  const place = view.before ?? view.after;
  const set = matching(tenantId, filtersOf(view), now);
  const from = place ? beyond(view.sort, direction, place) : undefined;

  const found = await reading((on) => {
    const page = on.$with('page').as(
      on
        .select({ pageId: sql<string>`${users.id}`.as('page_id') })
        .from(users)
        .where(sql`${set} ${from ? sql`and ${from}` : sql``}`)
        .orderBy(...inOrder(view.sort, direction))
        .limit(view.size + 1),
    );
    return on
      .with(page)
      .select({
        id: users.id,
        email: users.email,
        firstName: users.firstName,
        lastName: users.lastName,
        status: users.status,
        role: users.role,
        mfa: users.mfa,
        samlEnabled: users.samlEnabled,
        lastLoginAt: users.lastLoginAt,
        lastLoginMethod: users.lastLoginMethod,
        invitationExpiresAt: invitations.expiresAt,
        place: placeIn(view.sort),
        counted: sql<string>`(select count(*) from (select 1 from ${users} where ${set} limit ${MOST_COUNTED + 1}) counted)`,
      })
      .from(page)
      .innerJoin(users, eq(users.id, page.pageId))
      .leftJoin(invitations, openInvitation())
      .orderBy(...inOrder(view.sort, direction));
  });

  const more = found.length > view.size;
  const rows = found.slice(0, view.size);
  if (backwards) rows.reverse();
  const counted = Number(found[0]?.counted ?? 0);
  return {
    rows,
    total: counted > MOST_COUNTED ? `${MOST_COUNTED.toLocaleString('en')}+` : counted.toLocaleString('en'),
    before: (backwards ? more : place !== undefined) ? rows.at(0)?.place : undefined,
    after: (backwards ? true : more) ? rows.at(-1)?.place : undefined,
  };
}

export type UserRowData = Awaited<ReturnType<typeof readPage>>['rows'][number];

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
  const page = await readPage(tenantId, view, now);
  if (page.rows.length === 0) return <Nobody view={view} />;

  return (
    <>
      <DataTable label="Users">
        <thead>
          <tr>
            <th className="select-cell">
              <SelectAllRows name="ids" label="Select all on this page" />
            </th>
            {COLUMNS.map(([sort, label]) => (
              <SortHeader
                key={sort}
                label={label}
                direction={view.sort === sort ? view.dir : null}
                href={hrefOf(view, { sort, dir: view.sort === sort && view.dir === 'asc' ? 'desc' : 'asc' })}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          <UserRows rows={page.rows.map((user) => toRow(user, now, timeZone))} path={USERS_PATH} />
        </tbody>
      </DataTable>
      <Pagination
        summary={`${page.rows.length} of ${page.total}`}
        previousHref={page.before && hrefOf(view, { before: page.before })}
        nextHref={page.after && hrefOf(view, { after: page.after })}
      />
      <BulkBar view={view} total={page.before || page.after ? page.total : null} />
    </>
  );
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
