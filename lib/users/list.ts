import { and, asc, desc, eq, or, type Placeholder, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { UUID } from '@/db/id';
import { isKeptTime } from '@/db/kept-time';
import { invitations } from '@/db/schema/invitations';
import { type User, users } from '@/db/schema/users';
import { containsWords } from '@/db/search';
import type { Role } from '@/lib/actor';
import { isOpenInvitation } from './open-links';

/**
 * The Users list as conditions, for whoever reads it (the page, the export): which rows, in what order, from where on.
 * Each order ends with the id, and a page is a few ranges of an index however deep it lies: page.ts says which.
 */
export const STATUS_FILTERS = ['active', 'invited', 'expired', 'revoked', 'deactivated', 'removed'] as const;
/** How a person stands in the list: an invited one by their invitation. */
export type Standing = (typeof STATUS_FILTERS)[number];
export const MFA_FILTERS = ['yes', 'no', 'none'] as const;
export const LOGIN_FILTERS = ['never', '30', '60', '90'] as const;

export type UserFilters = {
  q?: string | undefined;
  status?: Standing | undefined;
  role?: Role | undefined;
  mfa?: (typeof MFA_FILTERS)[number] | undefined;
  saml?: 'yes' | 'no' | undefined;
  login?: (typeof LOGIN_FILTERS)[number] | undefined;
};

export const SORTS = ['email', 'firstName', 'lastName', 'status', 'mfa', 'saml', 'role', 'lastLogin'] as const;
export type Sort = (typeof SORTS)[number];
export type Direction = 'asc' | 'desc';

export const MFA_OF = { yes: 'set_up', no: 'not_set_up', none: 'not_applicable' } as const;

export const KEYS: Record<Sort, [PgColumn, ...PgColumn[]]> = {
  email: [users.emailKey, users.id],
  firstName: [users.firstKey, users.id],
  lastName: [users.lastKey, users.id],
  status: [users.status, users.emailKey, users.id],
  mfa: [users.mfa, users.emailKey, users.id],
  saml: [users.samlEnabled, users.emailKey, users.id],
  role: [users.role, users.emailKey, users.id],
  lastLogin: [users.loginKey, users.id],
};

export const inOrder = (sort: Sort, direction: Direction): SQL[] => KEYS[sort].map(direction === 'asc' ? asc : desc);

/** A row's place in the order, as texts: what a cursor carries. */
export const placeIn = (sort: Sort): SQL<string[]> =>
  sql`json_build_array(${sql.join(
    KEYS[sort].map((key) => sql`${key}::text`),
    sql`, `,
  )})`;

/** The same, given back; or what stands for it in a query that is made once. */
export type Place = (string | Placeholder)[];

/** Whether this can be a place in the order: a cursor may be of another order, or made up. */
export const isPlaceIn = (sort: Sort, place: string[]): boolean =>
  place.length === KEYS[sort].length && KEYS[sort].every((key, i) => isValueOf(key, place[i] ?? ''));

const TIMESTAMP = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)\+00$/;

function isValueOf(key: PgColumn, text: string): boolean {
  if (key.enumValues) return key.enumValues.includes(text);
  if (key === users.id) return UUID.test(text);
  if (key === users.loginKey) return text === '-infinity' || isInstant(text);
  if (key.getSQLType() === 'boolean') return text === 'true' || text === 'false';
  return !text.includes('\0');
}

function isInstant(text: string): boolean {
  const [, date, time] = TIMESTAMP.exec(text) ?? [];
  const at = new Date(`${date}T${time}Z`);
  // The thirtieth of February is read as a day in March.
  return isKeptTime(at) && at.toISOString().startsWith(String(date));
}

/** Rows behind (asc) or before (desc) a place in this order. */
export const beyond = (sort: Sort, direction: Direction, place: Place): SQL =>
  compared(sort, direction === 'asc' ? sql`>` : sql`<`, place);

/** Rows up to a place in this order, and the one there. */
export const upTo = (sort: Sort, direction: Direction, place: Place): SQL =>
  compared(sort, direction === 'asc' ? sql`<=` : sql`>=`, place);

function compared(sort: Sort, comparison: SQL, place: Place): SQL {
  const keys = KEYS[sort];
  const values = keys.map((key, i) => sql`${place[i]}::text::${sql.raw(key.getSQLType().split(' collate')[0] ?? '')}`);
  return sql`(${sql.join(keys, sql`, `)}) ${comparison} (${sql.join(values, sql`, `)})`;
}

/** The open invitation of a row; without `now` an expired one too. */
export const openInvitation = (now?: Date): SQL | undefined =>
  and(eq(invitations.tenantId, users.tenantId), eq(invitations.userId, users.id), isOpenInvitation(now));

/** Written out, not as a parameter: the planner must see that the partial indexes fit. */
export const notRemoved: SQL = sql`${users.status} <> 'removed'`;

/** The filtered set. The tenant comes first, always; removed people are in no list but their own. */
export const matching = (tenantId: string | Placeholder, filters: UserFilters, now: Date): SQL | undefined =>
  and(
    eq(users.tenantId, tenantId),
    filters.status === 'removed' ? sql`${users.status} = 'removed'` : notRemoved,
    narrowed(filters, now),
  );

/** What the filters ask of a row. */
export const narrowed = (filters: UserFilters, now: Date): SQL | undefined =>
  and(
    hasStatus(filters.status, now),
    filters.role ? eq(users.role, filters.role) : undefined,
    filters.mfa ? eq(users.mfa, MFA_OF[filters.mfa]) : undefined,
    filters.saml ? eq(users.samlEnabled, filters.saml === 'yes') : undefined,
    filters.login ? loggedIn(filters.login, now) : undefined,
    filters.q ? contains(filters.q) : undefined,
  );

/** The status of the row behind a standing. */
export const statusOf = (standing: Standing): User['status'] =>
  standing === 'expired' || standing === 'revoked' ? 'invited' : standing;

/** The open invitation is looked up for each row: as a join, all of the tenant's would be read before the first. */
function hasStatus(status: UserFilters['status'], now: Date): SQL | undefined {
  if (status === undefined || status === 'removed') return undefined;
  const ofStatus = eq(users.status, statusOf(status));
  if (status === 'active' || status === 'deactivated') return ofStatus;
  const until = sql`(select ${invitations.expiresAt} from ${invitations} where ${openInvitation()})`;
  const is = {
    invited: sql`${until} > ${now.toISOString()}`,
    expired: sql`${until} <= ${now.toISOString()}`,
    revoked: sql`${until} is null`,
  }[status];
  return and(ofStatus, is);
}

function loggedIn(when: NonNullable<UserFilters['login']>, now: Date): SQL | undefined {
  if (when === 'never') return sql`${users.loginKey} = '-infinity'`;
  const before = new Date(now.getTime() - Number(when) * 86_400_000).toISOString();
  return and(sql`${users.loginKey} > '-infinity'`, sql`${users.loginKey} < ${before}`);
}

/** Every word, in any order; a whole id finds its user. */
function contains(q: string): SQL | undefined {
  const found = containsWords(users.search, q);
  return UUID.test(q.trim()) ? or(eq(users.id, q.trim()), found) : found;
}
