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
 * The Users list as SQL conditions for every reader (the page, the export): which rows, in what order, from which position. Each
 * order ends with the id. A page is a few index ranges however deep it is; page.ts chooses them.
 */
export const STATUS_FILTERS = ['active', 'invited', 'expired', 'revoked', 'deactivated', 'removed'] as const;
/** A person's state in the list. For an invited person it depends on the invitation. */
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

/** A row's position in the order, as texts for a cursor. */
export const placeIn = (sort: Sort): SQL<string[]> =>
  sql`json_build_array(${sql.join(
    KEYS[sort].map((key) => sql`${key}::text`),
    sql`, `,
  )})`;

/** A position from a cursor, or the placeholders for one in a prepared query. */
export type Place = (string | Placeholder)[];

/** Whether this can be a position in the order. A cursor may belong to another order or be made up. */
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
  // JavaScript reads 30 February as a day in March.
  return isKeptTime(at) && at.toISOString().startsWith(String(date));
}

/** Rows whose keys are greater (asc) or smaller (desc) than a position in this order. */
export const beyond = (sort: Sort, direction: Direction, place: Place): SQL =>
  compared(sort, direction === 'asc' ? sql`>` : sql`<`, place);

/** Rows up to and including a position in this order. */
export const upTo = (sort: Sort, direction: Direction, place: Place): SQL =>
  compared(sort, direction === 'asc' ? sql`<=` : sql`>=`, place);

function compared(sort: Sort, comparison: SQL, place: Place): SQL {
  const keys = KEYS[sort];
  const values = keys.map((key, i) => sql`${place[i]}::text::${sql.raw(key.getSQLType().split(' collate')[0] ?? '')}`);
  return sql`(${sql.join(keys, sql`, `)}) ${comparison} (${sql.join(values, sql`, `)})`;
}

/** The open invitation of a row. Without `now`, an expired one counts too. */
export const openInvitation = (now?: Date): SQL | undefined =>
  and(eq(invitations.tenantId, users.tenantId), eq(invitations.userId, users.id), isOpenInvitation(now));

/** A literal instead of a parameter, so that the planner can use the partial indexes. */
export const notRemoved: SQL = sql`${users.status} <> 'removed'`;

/** The filtered set, always within one tenant. Removed people appear only in their own list. */
export const matching = (tenantId: string | Placeholder, filters: UserFilters, now: Date): SQL | undefined =>
  and(
    eq(users.tenantId, tenantId),
    filters.status === 'removed' ? sql`${users.status} = 'removed'` : notRemoved,
    narrowed(filters, now),
  );

/** The filters as conditions on a row. */
export const narrowed = (filters: UserFilters, now: Date): SQL | undefined =>
  and(
    hasStatus(filters.status, now),
    filters.role ? eq(users.role, filters.role) : undefined,
    filters.mfa ? eq(users.mfa, MFA_OF[filters.mfa]) : undefined,
    filters.saml ? eq(users.samlEnabled, filters.saml === 'yes') : undefined,
    filters.login ? loggedIn(filters.login, now) : undefined,
    filters.q ? contains(filters.q) : undefined,
  );

/** The row's status that belongs to a standing. */
export const statusOf = (standing: Standing): User['status'] =>
  standing === 'expired' || standing === 'revoked' ? 'invited' : standing;

/** Looks up the open invitation for each row. A join would read all of the tenant's before the first row. */
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

/** Every word must match, in any order. A complete id finds its user. */
function contains(q: string): SQL | undefined {
  const found = containsWords(users.search, q);
  return UUID.test(q.trim()) ? or(eq(users.id, q.trim()), found) : found;
}
