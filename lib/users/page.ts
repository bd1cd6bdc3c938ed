import { and, eq, type Placeholder, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { MFA_STATES, users } from '@/db/schema/users';
import { ROLES } from '@/lib/actor';
import {
  beyond,
  type Direction,
  inOrder,
  KEYS,
  MFA_OF,
  matching,
  narrowed,
  notRemoved,
  type Place,
  type Sort,
  statusOf,
  type UserFilters,
} from './list';

/**
 * Finds the rows of a page of the list and their number by reading a few thousand index entries (a search may read more),
 * whatever is filtered and however large the tenant is: decision 15. Each view is one of four: everybody, in an order that has an
 * index; a filtered set, which is a few dozen index ranges, one per combination of role, status, second factor and SAML; a
 * search; removed people, who are few.
 * Conditions refer to `users`, and apply to each subquery below with that name.
 */
export type Part = { place: Place | undefined; limit: number; now: Date };
export type Order = { sort: Sort; dir: Direction };
export type Ask = Part & Order & { tenantId: string | Placeholder; filters: UserFilters; more?: SQL };

/** Larger numbers are shown as "1,000+". */
const MOST_COUNTED = 1000;
/** "512", "1,000+"; "500+" for at least 540. */
export function countWords(counted: number, isLeast: boolean): string {
  if (counted > MOST_COUNTED) return `${MOST_COUNTED.toLocaleString('en')}+`;
  if (!isLeast) return counted.toLocaleString('en');
  const step = 10 ** (String(counted).length - 1);
  return `${Math.floor(counted / step) * step}+`;
}

/**
 * Up to this size, a filtered set is read whole and sorted. Beyond it, at least one row in a thousand matches, so a walk finds a
 * page.
 */
const FEW = 3000;
/** The same, if each row needs a look-up of its invitation. */
const FEW_INVITED = 1000;
/** A search is tried on this many people first, those who signed in last. If five of them match, a walk finds a page. */
const SAMPLE = 2000;
const OFTEN = 5;
/** How many rows a search walks in list order before it uses the trigram index instead. */
const WALK = 30_000;
/** If this many of the sample match, the trigram index would return more people than a long walk reads. */
const VERY_OFTEN = 100;
const WALK_A_HIT = 3000;

/** For each row of the page: `id`, `counted`, and `is_least`, which is true if there may be more than `counted`. */
export function pageOf(tenantId: string | Placeholder, filters: UserFilters, order: Order, part: Part): SQL {
  const ask = { tenantId, filters, ...order, ...part };
  if (filters.status === 'removed') return unfiltered(ask);
  if (filters.q) return found(ask);
  return Object.values(filters).every((value) => value === undefined) ? unfiltered(ask) : filtered(ask);
}

const list = (parts: SQL[] | PgColumn[]): SQL => sql.join(parts, sql`, `);
const ordered = ({ sort, dir }: Order) => list(inOrder(sort, dir));
const from = ({ sort, dir, place }: Ask) => place && beyond(sort, dir, place);
/** A literal, so that a cached plan knows how few rows are wanted. */
const first = (n: number) => sql.raw(`limit ${n}`);
const counting = (rows: SQL) => sql`(select count(*) from (select 1 from ${rows} ${first(MOST_COUNTED + 1)}) counted)`;

function unfiltered(ask: Ask): SQL {
  const set = matching(ask.tenantId, ask.filters, ask.now);
  const rows = hasIndex(ask.sort) || ask.filters.status === 'removed' ? walkOf(ask) : merged(ask);
  return sql`select id, ${counting(sql`${users} where ${set} order by ${users.emailKey}`)} as counted, false as is_least from (${rows}) users`;
}

/** Orders by a value that many people share have none; they are merged from sets instead. */
const hasIndex = (sort: Sort) => KEYS[sort].length === 2;

/** Walks the order's index from any position; the filters are checked on its entries. */
const walkOf = (ask: Ask): SQL => sql`${inWalk(ask, sql`${users.id}`)} ${first(ask.limit)}`;
export const inWalk = (ask: Ask, columns: SQL): SQL =>
  sql`select ${columns} from ${users} where ${and(matching(ask.tenantId, ask.filters, ask.now), ask.more, from(ask))}
    order by ${ordered(ask)}`;

/**
 * For reading a set from beginning to end: splits it into parts that each have an indexed order, to be read one after the other.
 */
export function partsOf(ask: Ask): Ask[] {
  if (hasIndex(ask.sort) || ask.filters.status === 'removed') return [ask];
  const column = KEYS[ask.sort][0];
  const values = [...SETS[SET_OF[ask.sort as keyof typeof SET_OF]]];
  if (ask.dir === 'desc') values.reverse();
  return values.map((value) => ({ ...ask, sort: 'email', more: eq(column, value) }));
}

const SETS = {
  role: ROLES,
  status: ['active', 'invited', 'deactivated'],
  samlEnabled: [false, true],
  mfa: MFA_STATES,
} as const;
type SetColumn = keyof typeof SETS;
const SET_OF = { role: 'role', status: 'status', saml: 'samlEnabled', mfa: 'mfa' } as const;

/**
 * The combinations that the filters allow. Their values come from our own lists and are literals, so that the planner sees them.
 */
function setsOf({ role, status, saml, mfa }: UserFilters): SQL {
  const wanted: Record<SetColumn, readonly (string | boolean)[]> = {
    role: role ? [role] : SETS.role,
    status: status ? [statusOf(status)] : SETS.status,
    samlEnabled: saml ? [saml === 'yes'] : SETS.samlEnabled,
    mfa: mfa ? [MFA_OF[mfa]] : SETS.mfa,
  };
  const columns = Object.entries(wanted).map(([column, values]) => {
    const { name, type } = setColumn(column as SetColumn);
    return sql.raw(`unnest('{${values.join(',')}}'::${type}[]) as set_${name} (${name})`);
  });
  return list(columns);
}

const setColumn = (column: SetColumn) => ({ name: users[column].name, type: users[column].getSQLType() });
const isOfSet = (column: SetColumn): SQL => {
  const { name } = setColumn(column);
  return sql`${users[column]} = ${sql.raw(`set_${name}.${name}`)}`;
};

const inSet = ({ tenantId, filters, now }: Ask): SQL | undefined =>
  and(
    eq(users.tenantId, tenantId),
    notRemoved,
    ...(Object.keys(SETS) as SetColumn[]).map(isOfSet),
    narrowed({ login: filters.login }, now),
  );

/** Reads each set by one index range. `rest` adds the order and limit per set. */
const ofSets = (ask: Ask, more: SQL | undefined, rest: SQL): SQL => sql`
  select users.* from ${setsOf(ask.filters)} cross join lateral (
    select ${list([...new Set([users.tenantId, users.status, ...KEYS[ask.sort]])])} from ${users}
    where ${and(inSet(ask), more)} ${rest}
  ) users`;

/** The first rows of each set, merged. */
const merged = (ask: Ask): SQL => {
  const more = and(hasAny(ask), standingOf(ask), hasIndex(ask.sort) ? from(ask) : fromInSets(ask));
  return sql`select id from (${ofSets(ask, more, sql`order by ${withinSet(ask)} ${first(ask.limit)}`)}) users
    order by ${ordered(ask)} ${first(ask.limit)}`;
};

/**
 * Checks once per set whether anybody matches the last-login filter. No invited person signed in long ago, for example, and in
 * address order the whole set would be read to find that out.
 */
const hasAny = (ask: Ask): SQL | undefined =>
  ask.filters.login && ask.sort !== 'lastLogin'
    ? sql`(select true from ${users} where ${inSet(ask)} limit 1)`
    : undefined;

/** The conditions on the invitation, which no index of `users` covers. */
const standingOf = ({ filters: { status }, now }: Ask): SQL | undefined =>
  status === 'invited' || status === 'expired' || status === 'revoked' ? narrowed({ status }, now) : undefined;

/** In an order by role, status, …, a set has one value of that column, so the rest of the order applies within it. */
const withinSet = ({ sort, dir }: Order): SQL => list(inOrder(hasIndex(sort) ? sort : 'email', dir));

function fromInSets({ sort, dir, place }: Ask): SQL | undefined {
  if (!place) return undefined;
  const [value, email, id] = place;
  const column = KEYS[sort][0];
  const set = sql.raw(`set_${column.name}.${column.name}`);
  const given = sql`${value}::text::${sql.raw(column.getSQLType())}`;
  const [comparison, start] = dir === 'asc' ? [sql`>`, START] : [sql`<`, END];
  return sql`${set} ${comparison}= ${given} and (${users.emailKey}, ${users.id}) ${comparison}
    (case when ${set} = ${given} then ${email}::text else ${start.email} end, case when ${set} = ${given} then ${id}::uuid else ${start.id} end)`;
}

const START = { email: sql`''`, id: sql`'00000000-0000-0000-0000-000000000000'::uuid` };
const END = { email: sql`chr(1114111)`, id: sql`'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid` };

function filtered(ask: Ask): SQL {
  const { sort } = ask;
  const standing = standingOf(ask);
  const most = standing ? FEW_INVITED : FEW;
  const isFew = sql`(select count(*) from candidates) <= ${most}`;
  const many = sort === 'firstName' || sort === 'lastName' ? walkOf(ask) : merged(ask);
  return sql`
    with candidates as materialized (${ofSets(ask, undefined, sql`offset 0`)} limit ${most + 1}),
    few as (select * from candidates as users where ${standing ?? sql`true`})
    select id, greatest(${counting(sql`few`)}, count(*) over ()) as counted,
      ${standing ? sql`not ${isFew}` : sql`false`} as is_least
    from (
      (select ${users.id} from few as users where ${and(isFew, from(ask))} order by ${ordered(ask)} ${first(ask.limit)})
      union all
      select id from (${many}) many where not ${isFew}
    ) page`;
}

/**
 * A search with many matches finds its page by a walk in list order; one with few matches finds all of them by trigrams. A sample
 * decides which. If the walk ends without a full page, the trigrams follow, so a wrong guess costs only time. In a small tenant
 * the sample is everybody, so its count is exact.
 */
function found(ask: Ask): SQL {
  const { tenantId, filters, sort, dir, place, limit, now } = ask;
  const wanted = narrowed(filters, now);
  const own = and(eq(users.tenantId, tenantId), notRemoved);
  const carried = (...more: PgColumn[]) =>
    list([
      ...new Set([
        users.tenantId,
        users.id,
        users.role,
        users.status,
        users.mfa,
        users.samlEnabled,
        users.loginKey,
        users.search,
        ...more,
      ]),
    ]);
  const walk = hasIndex(sort) ? sort : 'email';
  const value = hasIndex(sort) ? undefined : (place?.[0] ?? firstValue(sort, dir));
  const start = place && beyond(walk, dir, hasIndex(sort) ? place : place.slice(1));
  const isFull = sql`(select count(*) from walked) = ${limit}`;
  return sql`
    with sampled as materialized (
      select count(*) filter (where ${wanted}) as hits, count(*) < ${SAMPLE} as is_all from (
        select ${carried()} from ${users} where ${own} order by ${list(inOrder('lastLogin', 'desc'))} limit ${SAMPLE}
      ) users
    ), walked as materialized (
      select ${list(KEYS[sort])} from (
        select ${carried(...KEYS[walk])} from ${users} where ${and(own, start)} order by ${list(inOrder(walk, dir))}
        limit (select case when hits >= ${VERY_OFTEN} then hits * ${WALK_A_HIT} else ${WALK} end from sampled)
      ) users
      where ${and(sql`(select hits from sampled) >= ${OFTEN}`, wanted, value === undefined ? undefined : eq(KEYS[sort][0], value))}
      order by ${list(inOrder(walk, dir))} limit ${limit}
    ), exact as materialized (
      select ${list(KEYS[sort])} from ${users} where ${and(matching(tenantId, filters, now), sql`not ${isFull}`)} offset 0
    )
    select id, case when (select is_all from sampled) then (select hits from sampled)
        when ${isFull} then greatest(${limit}, (select hits from sampled)) else ${counting(sql`exact`)} end as counted,
      ${isFull} and not (select is_all from sampled) as is_least
    from (
      select * from (
        select ${list(KEYS[sort])} from walked as users where ${isFull}
        union all
        select ${list(KEYS[sort])} from exact as users where ${from(ask) ?? sql`true`}
      ) users order by ${ordered(ask)} limit ${limit}
    ) page`;
}

const firstValue = (sort: Sort, dir: Direction) => SETS[SET_OF[sort as keyof typeof SET_OF]].at(dir === 'asc' ? 0 : -1);
