import { type Placeholder, type SQL, sql } from 'drizzle-orm';
import type { Db } from '@/db/client';
import { prepared } from '@/db/prepared';
import { reading } from '@/db/replica';
import { invitations } from '@/db/schema/invitations';
import { users } from '@/db/schema/users';
import { type Direction, inOrder, openInvitation, placeIn, type Sort } from '@/lib/users/list';
import { countWords, type Order, pageOf } from '@/lib/users/page';
import { filtersOf, isFiltered, type View } from './view';

const pageQuery = (on: Db, page: SQL, tenantId: string | Placeholder, sort: Sort, dir: Direction) =>
  on
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
      place: placeIn(sort),
      counted: sql<string>`page.counted`,
      isLeast: sql<boolean>`page.is_least`,
    })
    .from(sql`(${page}) page`)
    .innerJoin(users, sql`${users.tenantId} = ${tenantId} and ${users.id} = page.id`)
    .leftJoin(invitations, openInvitation())
    .orderBy(...inOrder(sort, dir));

/**
 * Prepared statements for the unfiltered list, by sort, direction, size, and whether it starts at a cursor. One plan suits
 * all cursors of an order, but not all filters and searches.
 */
const wholeList = prepared((on) => {
  const made = new Map<string, ReturnType<typeof make>>();
  const [tenantId, place] = [sql.placeholder('tenantId'), [0, 1, 2].map((i) => sql.placeholder(`place${i}`))];
  const make = (order: Order, limit: number, isPlaced: boolean) => {
    const part = { place: isPlaced ? place : undefined, limit, now: new Date(0) };
    return pageQuery(on, pageOf(tenantId, {}, order, part), tenantId, order.sort, order.dir).prepare('users_page');
  };
  return (order: Order, limit: number, isPlaced: boolean) => {
    const name = [order.sort, order.dir, limit, isPlaced].join();
    const query = made.get(name) ?? make(order, limit, isPlaced);
    made.set(name, query);
    return query;
  };
});

/** Reads one page and its capped count with one query for any tenant size: first the ids, then the columns of these rows. */
export async function readPage(tenantId: string, view: View, now: Date) {
  const backwards = view.before !== undefined;
  const dir = backwards ? (view.dir === 'asc' ? 'desc' : 'asc') : view.dir;
  const place = view.before ?? view.after;
  const [order, limit] = [{ sort: view.sort, dir }, view.size + 1];

  const found = await reading((on) => {
    if (isFiltered(view))
      return pageQuery(on, pageOf(tenantId, filtersOf(view), order, { place, limit, now }), tenantId, view.sort, dir);
    const [place0, place1, place2] = place ?? [];
    return wholeList(on)(order, limit, place !== undefined).execute({ tenantId, place0, place1, place2 });
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
