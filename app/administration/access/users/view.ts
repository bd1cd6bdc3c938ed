import type { Direction, Sort, UserFilters } from '@/lib/users/list';

/** The view of the Users page, also for code that runs in the browser. `search-params.ts` converts it from and to the URL. */
export const USERS_PATH = '/administration/access/users';
export const PAGE_SIZES = [25, 50, 100] as const;
export type PageSize = (typeof PAGE_SIZES)[number];
export const SIZE_COOKIE = 'users-page-size';

export type View = UserFilters & {
  sort: Sort;
  dir: Direction;
  size: PageSize;
  after?: string[] | undefined;
  before?: string[] | undefined;
};

export const filtersOf = ({ q, status, role, mfa, saml, login }: View): UserFilters => ({
  q,
  status,
  role,
  mfa,
  saml,
  login,
});

export const isFiltered = (view: View): boolean => Object.values(filtersOf(view)).some((value) => value !== undefined);
