import { z } from 'zod';
import { startOfDay } from '@/components/format-time';
import { ACTOR_KINDS } from '@/lib/actor';
import type { AuditFilters } from '@/lib/audit/list';
import { AUDIT_ACTIONS } from '@/lib/audit/sentence';
import { AUDIT_PATH } from './path';

/** The Audit Log page's state, all of it in the URL. Only this file names its parameters. Dates are in the reader's time zone. */
const optional = <T extends z.ZodType>(type: T) => type.optional().catch(undefined);
const text = z
  .string()
  .trim()
  .min(1)
  .max(254)
  .regex(/^\P{Cc}*$/u);

/** Only years 1000 to 8999, which keep four digits in any time zone. */
const day = z.iso.date().regex(/^[1-8]/);

const params = z.object({
  q: optional(text),
  from: optional(day),
  until: optional(day),
  /** An address or a user id. */
  person: optional(text),
  action: optional(z.enum(AUDIT_ACTIONS)),
  door: optional(z.enum(ACTOR_KINDS)),
  after: optional(z.uuid()),
  before: optional(z.uuid()),
});

export type AuditView = z.output<typeof params>;
export type RawParams = Record<string, string | string[] | undefined>;

export const parseView = (raw: RawParams): AuditView =>
  params.parse(
    Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value])),
  );

const DAY_MS = 86_400_000;

/** `personId` is the result of `findPerson` for the view's `person`. */
export const filtersOf = (
  { q, from, until, action, door }: AuditView,
  personId: string | undefined,
  timeZone: string,
): AuditFilters => ({
  q,
  action,
  door,
  person: personId,
  from: from ? startOfDay(from, timeZone) : undefined,
  // Includes the named day.
  until: until ? startOfDay(new Date(Date.parse(until) + DAY_MS).toISOString().slice(0, 10), timeZone) : undefined,
});

export const isFiltered = ({ after: _, before: __, ...filters }: AuditView): boolean =>
  Object.values(filters).some((value) => value !== undefined);

export const paramsOf = (view: AuditView): Record<string, string> =>
  Object.fromEntries(Object.entries(view).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

/** The URL of this view with a change. Any change except of the cursor returns to the first page. */
export function hrefOf(view: AuditView, change: Partial<AuditView> = {}): string {
  const query = new URLSearchParams(paramsOf({ ...view, after: undefined, before: undefined, ...change })).toString();
  return query ? `${AUDIT_PATH}?${query}` : AUDIT_PATH;
}
