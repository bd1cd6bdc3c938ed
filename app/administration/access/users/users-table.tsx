import { sql } from 'drizzle-orm';
import { ButtonLink } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';
import { reading } from '@/db/replica';
import { invitations } from '@/db/schema/invitations';
import { users } from '@/db/schema/users';
import { passageNow } from '@/lib/sessions/passage';
import { inOrder, openInvitation, placeIn, type Sort } from '@/lib/users/list';
import { countWords, pageOf } from '@/lib/users/page';
import { hrefOf } from './search-params';
import { standsUntil, toRow } from './user-row';
import { UsersList } from './users-list';
import { filtersOf, isFiltered, USERS_PATH, type View } from './view';

/** One page of rows and their capped count, by one query whatever the tenant's size: ids first, then the columns of those few rows. */
export async function readPage(tenantId: string, view: View, now: Date) {
  const backwards = view.before !== undefined;
  const dir = backwards ? (view.dir === 'asc' ? 'desc' : 'asc') : view.dir;
  const place = view.before ?? view.after;
  const page = pageOf(tenantId, filtersOf(view), { sort: view.sort, dir }, { place, limit: view.size + 1, now });

  const found = await reading((on) => {
    const query = on
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
        counted: sql<string>`page.counted`,
        isLeast: sql<boolean>`page.is_least`,
      })
      .from(sql`(${page}) page`)
      .innerJoin(users, sql`${users.tenantId} = ${tenantId} and ${users.id} = page.id`)
      .leftJoin(invitations, openInvitation())
      .orderBy(...inOrder(view.sort, dir));
    // One plan is good for all places of an order; for a filter or a search it is not.
    return isFiltered(view) ? query : query.prepare('users_page').execute();
  });

  const more = found.length > view.size;
  const rows = found.slice(0, view.size);
  if (backwards) rows.reverse();
  return {
    rows,
    total: countWords(Number(found[0]?.counted ?? 0), found[0]?.isLeast ?? false),
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
  const began = performance.now();
  const page = await readPage(tenantId, view, now);
  noteReading(page.rows, view, now, began);
  if (page.rows.length === 0) return <Nobody view={view} />;

  return (
    <UsersList
      rows={page.rows.map((user) => toRow(user, now, timeZone))}
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

/** A replica shows nothing older than what was committed before (db/replica.ts), so its rows keep the number's promise too. */
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
