import { createHash } from 'node:crypto';
import { and, asc, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { z } from 'zod';
import { isUnreadable } from '@/db/conflict';
import { ID } from '@/db/id';
import { reading } from '@/db/replica';
import { scimGroups } from '@/db/schema/scim';
import { users } from '@/db/schema/users';
import { badRequest } from './error';
import { filterSql, GROUP_PLACES, USER_PLACES } from './filter-sql';
import { countKept, isKept } from './find';
import type { Query } from './query';

/**
 * One page of a list, by index (`startIndex`) or by cursor. A cursor is the position of the last row in the order, so that
 * even a deep page is an index range. Each order ends with the id.
 */
type Order = { key: PgColumn | null; id: PgColumn };
export type Page<T> = { total: number; rows: T[]; nextCursor: string | undefined };

const USER_ORDERS: Record<string, PgColumn | null> = {
  id: null,
  userName: users.scimKey,
  'name.givenName': users.firstKey,
  'name.familyName': users.lastKey,
  'meta.created': users.createdAt,
  'meta.lastModified': users.changedAt,
};
const GROUP_ORDERS: Record<string, PgColumn | null> = {
  id: null,
  displayName: scimGroups.displayKey,
  'meta.created': scimGroups.createdAt,
  'meta.lastModified': scimGroups.changedAt,
};

export const listPeople = (tenantId: string, query: Query) => peopleOf(tenantId, query).catch(asForeign(query));
export const listGroups = (tenantId: string, query: Query) => groupsOf(tenantId, query).catch(asForeign(query));

/** A position that the database cannot parse was not issued by us. */
const asForeign = (query: Query) => (error: unknown) => {
  throw query.cursor && isUnreadable(error) ? invalidCursor() : error;
};

async function peopleOf(tenantId: string, query: Query): Promise<Page<typeof users.$inferSelect>> {
  const where = and(isKept(tenantId), query.filter ? filterSql(USER_PLACES, query.filter) : undefined);
  const order = orderOf(USER_ORDERS, users.id, query);
  const keys = sql.join([...new Set([users.id, order.key ?? users.id])], sql`, `);
  const kept = sql`select ${keys} from ${users} where ${and(where, after(order, query))}`;
  // Selects ids first, from an index, since a page by index skips all rows before it. `offset 0` makes the filter run
  // before the sort: the count reads all matches anyway, and in list order they might come last.
  const page = sql`(select id from (${kept} ${query.filter ? sql`offset 0` : sql``}) users
    order by ${sql.join(inOrder(order, query), sql`, `)}
    limit ${query.count + 1} offset ${query.cursor === undefined ? query.startIndex - 1 : 0}) page`;
  return reading(async (on) => {
    const rows = on
      .select({ row: users, place: placeOf(order) })
      .from(page)
      .innerJoin(users, sql`${users.tenantId} = ${tenantId} and ${users.id} = page.id`)
      .orderBy(...inOrder(order, query));
    return pageOf(query, query.count > 0 ? await rows : [], () =>
      query.filter ? on.$count(users, where) : countKept(tenantId, on),
    );
  });
}

async function groupsOf(tenantId: string, query: Query): Promise<Page<typeof scimGroups.$inferSelect>> {
  const where = and(
    eq(scimGroups.tenantId, tenantId),
    query.filter ? filterSql(GROUP_PLACES, query.filter) : undefined,
  );
  const order = orderOf(GROUP_ORDERS, scimGroups.id, query);
  const from = and(where, after(order, query));
  return reading(async (on) => {
    const rows = on
      .select({ row: scimGroups, place: placeOf(order) })
      .from(scimGroups)
      .where(from)
      .orderBy(...inOrder(order, query))
      .limit(query.count + 1)
      .offset(query.cursor === undefined ? query.startIndex - 1 : 0);
    return pageOf(query, query.count > 0 ? await rows : [], () => on.$count(scimGroups, where));
  });
}

function orderOf(orders: Record<string, PgColumn | null>, id: PgColumn, { sort }: Query): Order {
  const key = orders[sort?.name ?? 'id'];
  if (key !== undefined) return { key, id };
  throw badRequest(
    'invalidValue',
    `“${sort?.name}” cannot be sorted by; these can: ${Object.keys(orders).join(', ')}.`,
  );
}

const inOrder = ({ key, id }: Order, { sort }: Query): SQL[] =>
  [...(key ? [key] : []), id].map(sort?.descending ? desc : asc);

const placeOf = ({ key, id }: Order): SQL<string[]> =>
  key ? sql`json_build_array(${key}::text, ${id}::text)` : sql`json_build_array(${id}::text)`;

function after({ key, id }: Order, query: Query): SQL | undefined {
  const place = placeIn(query);
  if (!place) return undefined;
  if (place.length !== (key ? 2 : 1)) throw invalidCursor();
  const sign = sql.raw(query.sort?.descending ? '<' : '>');
  if (!key) return sql`${id} ${sign} ${place[0]}::uuid`;
  const type = sql.raw(key.getSQLType().split(' collate')[0] ?? 'text');
  return sql`(${key}, ${id}) ${sign} (${place[0]}::text::${type}, ${place[1]}::uuid)`;
}

const cursorText = z.object({ b: z.string(), p: z.array(z.string()).max(2) });
const markOf = ({ bound }: Query) => createHash('sha256').update(bound).digest('base64url').slice(0, 12);
const invalidCursor = () => badRequest('invalidCursor', 'This cursor is not of this list. Begin without one.');

/** A cursor holds a position and names its list. It grants nothing, so it is not signed. */
function placeIn(query: Query): string[] | null {
  if (!query.cursor) return null;
  const read = cursorText.safeParse(parseJson(Buffer.from(query.cursor, 'base64url').toString('utf8')));
  if (!read.success || read.data.b !== markOf(query)) throw invalidCursor();
  const { p } = read.data;
  const isTime = p.length < 2 || !query.sort?.name.startsWith('meta.') || /^\d{4}-[\d-]+ [\d:.+]+$/.test(p[0] ?? '');
  if (!ID.test(p.at(-1) ?? '') || !isTime || p.some((each) => each.includes('\0'))) throw invalidCursor();
  return p;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function pageOf<T>(
  query: Query,
  rows: { row: T; place: string[] }[],
  countAll: () => PromiseLike<number>,
): Promise<Page<T>> {
  const { count, cursor, startIndex } = query;
  const shown = rows.slice(0, count);
  const last = shown.at(-1);
  const goesOn = cursor !== undefined && rows.length > count && last !== undefined;
  const nextCursor = goesOn
    ? Buffer.from(JSON.stringify({ b: markOf(query), p: last.place })).toString('base64url')
    : undefined;
  // A first page that holds all rows, such as the look-up before a create, needs no count query.
  const isAll = !cursor && startIndex === 1 && count > 0 && rows.length <= count;
  return { total: isAll ? rows.length : await countAll(), rows: shown.map(({ row }) => row), nextCursor };
}
