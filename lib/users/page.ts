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
 * Which rows are on a page of the list, and how many there are, found without reading more than a few thousand index
 * entries, whatever is filtered and however many people the tenant has: decision 15. Each view is one of four:
 * all in an order that has an index; a filtered set, which is a few dozen index ranges, one for each combination of role,
 * status, second factor and SAML; a search; those removed, who are few.
 * Conditions are written of `users`, and hold of each part below that bears that name.
 */
export type Part = { place: Place | undefined; limit: number; now: Date };
export type Order = { sort: Sort; dir: Direction };
export type Ask = Part & Order & { tenantId: string | Placeholder; filters: UserFilters; more?: SQL };

/** More are told as "1,000+". */
const MOST_COUNTED = 1000;
/** "512", "1,000+"; "500+" of at least 540. */
export function countWords(counted: number, isLeast: boolean): string {
  if (counted > MOST_COUNTED) return `${MOST_COUNTED.toLocaleString('en')}+`;
  if (!isLeast) return counted.toLocaleString('en');
  const step = 10 ** (String(counted).length - 1);
  return `${Math.floor(counted / step) * step}+`;
}

/** A filtered set up to here is read whole and sorted. Beyond it every thousandth row or more matches, so a walk finds a page. */
const FEW = 3000;
/** Where each of them costs a look at the invitations. */
const FEW_INVITED = 1000;
/** How many of those who came last are asked whether a search matches: where five do, a walk finds a page. */
const SAMPLE = 2000;
const OFTEN = 5;
/** How far a search walks in the order of the list before it asks the trigram index instead. */
const WALK = 30_000;
/** Where so many of the sample match, trigrams would find more people than a long walk reads. */
const VERY_OFTEN = 100;
const WALK_A_HIT = 3000;

/** Of each row of the page its `id`, `counted`, and `is_least` where there are at least so many. */
export function pageOf(tenantId: string | Placeholder, filters: UserFilters, order: Order, part: Part): SQL {
  const ask = { tenantId, filters, ...order, ...part };
  if (filters.status === 'removed') return unfiltered(ask);
  if (filters.q) return found(ask);
  return Object.values(filters).every((value) => value === undefined) ? unfiltered(ask) : filtered(ask);
}

const list = (parts: SQL[] | PgColumn[]): SQL => sql.join(parts, sql`, `);
const ordered = ({ sort, dir }: Order) => list(inOrder(sort, dir));
const from = ({ sort, dir, place }: Ask) => place && beyond(sort, dir, place);
/** Written out, so that a plan that is kept knows how little is wanted. */
const first = (n: number) => sql.raw(`limit ${n}`);
const counting = (rows: SQL) => sql`(select count(*) from (select 1 from ${rows} ${first(MOST_COUNTED + 1)}) counted)`;

function unfiltered(ask: Ask): SQL {
  const set = matching(ask.tenantId, ask.filters, ask.now);
  const rows = hasIndex(ask.sort) || ask.filters.status === 'removed' ? walkOf(ask) : merged(ask);
  return sql`select id, ${counting(sql`${users} where ${set} order by ${users.emailKey}`)} as counted, false as is_least from (${rows}) users`;
}

/** Orders by what many have in common are merged of sets instead. */
const hasIndex = (sort: Sort) => KEYS[sort].length === 2;

/** By the index of the order, wherever it lies; filters are asked of its entries. */
const walkOf = (ask: Ask): SQL => sql`${inWalk(ask, sql`${users.id}`)} ${first(ask.limit)}`;
export const inWalk = (ask: Ask, columns: SQL): SQL =>
  sql`select ${columns} from ${users} where ${and(matching(ask.tenantId, ask.filters, ask.now), ask.more, from(ask))}
    order by ${ordered(ask)}`;

/** For whoever reads a set from beginning to end: the same in orders that have an index, one after the other. */
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

/** The combinations that the filters leave. Their values are of our own lists, and stand in the statement for the planner to see. */
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

/** Each set by one range of an index; `rest` is what else holds, or in what order how many are wanted. */
const ofSets = (ask: Ask, more: SQL | undefined, rest: SQL): SQL => sql`
  select users.* from ${setsOf(ask.filters)} cross join lateral (
    select ${list([...new Set([users.tenantId, users.status, ...KEYS[ask.sort]])])} from ${users}
    where ${and(inSet(ask), more)} ${rest}
  ) users`;

/** The first of each set, merged. */
const merged = (ask: Ask): SQL => {
  const more = and(hasAny(ask), standingOf(ask), hasIndex(ask.sort) ? from(ask) : fromInSets(ask));
  return sql`select id from (${ofSets(ask, more, sql`order by ${withinSet(ask)} ${first(ask.limit)}`)}) users
    order by ${ordered(ask)} ${first(ask.limit)}`;
};

/** Asked once for a set: none of the invited signed in long ago, and in the order of addresses all of them would be read to see it. */
const hasAny = (ask: Ask): SQL | undefined =>
  ask.filters.login && ask.sort !== 'lastLogin'
    ? sql`(select true from ${users} where ${inSet(ask)} limit 1)`
    : undefined;

/** What an invitation says of a person stands in no index of people. */
const standingOf = ({ filters: { status }, now }: Ask): SQL | undefined =>
  status === 'invited' || status === 'expired' || status === 'revoked' ? narrowed({ status }, now) : undefined;

/** In an order by role, status, … a set has one value of it, and is in the order of what comes after. */
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
 * A search that many match finds a page by a walk in the order of the list; one that few match finds all by trigrams. Which
 * it is, is guessed from a sample; a walk that ends without a page is followed by the trigrams, so the guess costs time
 * alone. Of a small tenant the sample is everybody, and its number is the answer.
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
