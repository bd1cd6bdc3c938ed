import { z } from 'zod';
import { ROLES } from '@/lib/actor';
import { cursor, cursorField } from '@/lib/cursor';
import { isPlaceIn, LOGIN_FILTERS, MFA_FILTERS, SORTS, STATUS_FILTERS } from '@/lib/users/list';
import { PAGE_SIZES, USERS_PATH, type View } from './view';

/**
 * The state of the Users page, all of it in the URL, so that a view can be bookmarked and shared. The only place that names
 * its parameters. Invalid values fall back to the default, so that old bookmarks still open.
 */
const NO_CONTROL = /^\P{Cc}*$/u;
export const searchField = z.string().trim().min(1).max(200).regex(NO_CONTROL);

const optional = <T extends z.ZodType>(type: T) => type.optional().catch(undefined);

const params = z.object({
  q: optional(searchField),
  status: optional(z.enum(STATUS_FILTERS)),
  role: optional(z.enum(ROLES)),
  mfa: optional(z.enum(MFA_FILTERS)),
  saml: optional(z.enum(['yes', 'no'])),
  login: optional(z.enum(LOGIN_FILTERS)),
  sort: z.enum(SORTS).catch('email'),
  dir: z.enum(['asc', 'desc']).catch('asc'),
  size: optional(z.coerce.number().pipe(z.literal(PAGE_SIZES))),
  after: optional(cursorField),
  before: optional(cursorField),
});

export type RawParams = Record<string, string | string[] | undefined>;

/** `remembered` is the page size from the last visit (cookie). */
export function parseView(raw: RawParams, remembered?: string): View {
  const single = Object.fromEntries(
    Object.entries(raw).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
  const view = params.parse(single);
  const size = view.size ?? params.shape.size.parse(remembered) ?? 50;
  const placeIn = (at: string[] | undefined) => (at && isPlaceIn(view.sort, at) ? at : undefined);
  return { ...view, size, after: placeIn(view.after), before: placeIn(view.before) };
}

/** The parameters that are not defaults (and the size), in a fixed order, so that each view has one URL. */
export function paramsOf(view: View): Record<string, string> {
  const { after, before, sort, dir, size, ...filters } = view;
  const all = {
    ...filters,
    sort: sort === 'email' ? undefined : sort,
    dir: dir === 'asc' ? undefined : dir,
    size: String(size),
    after: after && cursor(after),
    before: before && cursor(before),
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** The URL of this view with a change. Any change except of the cursor returns to the first page. */
export function hrefOf(view: View, change: Partial<View> = {}): string {
  const query = new URLSearchParams(paramsOf({ ...view, after: undefined, before: undefined, ...change })).toString();
  return query ? `${USERS_PATH}?${query}` : USERS_PATH;
}
