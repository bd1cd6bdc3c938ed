import { and, asc, desc, eq, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { invitations } from '@/db/schema/invitations';
import { users } from '@/db/schema/users';
import { containsWords, UUID } from '@/db/search';
import type { Role } from '@/lib/actor';

/**
 * The Users list as conditions, for whoever reads it (the page, the export): which rows, in what order, from where on.
 * Each order is one index of migration 0001 and ends with the id, so that a page is an index range however deep it lies.
 */
export const STATUS_FILTERS = ['active', 'invited', 'expired', 'deactivated', 'removed'] as const;
export const LOGIN_FILTERS = ['never', '30', '60', '90'] as const;

export type UserFilters = {
  q?: string | undefined;
  status?: (typeof STATUS_FILTERS)[number] | undefined;
  role?: Role | undefined;
  mfa?: 'yes' | 'no' | undefined;
  saml?: 'yes' | 'no' | undefined;
  login?: (typeof LOGIN_FILTERS)[number] | undefined;
};

export const SORTS = ['email', 'firstName', 'lastName', 'status', 'mfa', 'saml', 'role', 'lastLogin'] as const;
export type Sort = (typeof SORTS)[number];
export type Direction = 'asc' | 'desc';

const KEYS: Record<Sort, [PgColumn, ...PgColumn[]]> = {
  email: [users.emailKey, users.id],
  firstName: [users.firstKey, users.id],
  lastName: [users.lastKey, users.id],
  status: [users.status, users.emailKey, users.id],
  mfa: [users.mfaEnabled, users.emailKey, users.id],
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

/** Rows behind (asc) or before (desc) a place. Undefined when the place does not fit the order: a cursor of another view. */
export function beyond(sort: Sort, direction: Direction, place: string[]): SQL | undefined {
  const keys = KEYS[sort];
  if (place.length !== keys.length) return undefined;
  const row = sql.join(keys, sql`, `);
  const values = sql.join(
    keys.map((key, i) => sql`${place[i]}::text::${sql.raw(key.getSQLType().split(' collate')[0] ?? '')}`),
    sql`, `,
  );
  return direction === 'asc' ? sql`(${row}) > (${values})` : sql`(${row}) < (${values})`;
}

/** The open invitation of a row, expired or not. */
export const openInvitation = () =>
  and(
    eq(invitations.tenantId, users.tenantId),
    eq(invitations.userId, users.id),
    isNull(invitations.acceptedAt),
    isNull(invitations.revokedAt),
  );

/** The filtered set. The tenant comes first, always; removed people are in no list but their own. */
export function matching(tenantId: string, filters: UserFilters, now: Date): SQL | undefined {
  return and(
    eq(users.tenantId, tenantId),
    // Written out, not as a parameter: the planner must see that the partial indexes fit.
    filters.status === 'removed' ? sql`${users.status} = 'removed'` : sql`${users.status} <> 'removed'`,
    hasStatus(filters.status, now),
    filters.role ? eq(users.role, filters.role) : undefined,
    filters.mfa ? eq(users.mfaEnabled, filters.mfa === 'yes') : undefined,
    filters.saml ? eq(users.samlEnabled, filters.saml === 'yes') : undefined,
    filters.login ? loggedIn(filters.login, now) : undefined,
    filters.q ? contains(filters.q) : undefined,
  );
}

function hasStatus(status: UserFilters['status'], now: Date): SQL | undefined {
  if (status === undefined || status === 'removed') return undefined;
  if (status !== 'expired') return eq(users.status, status);
  const live = sql`exists (select 1 from ${invitations} where ${openInvitation()} and ${invitations.expiresAt} > ${now.toISOString()})`;
  return and(eq(users.status, 'invited'), sql`not ${live}`);
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
