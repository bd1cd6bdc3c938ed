import { z } from 'zod';
import { startOfDay } from '@/components/format-time';
import { ACTOR_KINDS } from '@/lib/actor';
import type { AuditFilters } from '@/lib/audit/list';
import { AUDIT_ACTIONS } from '@/lib/audit/sentence';
import { AUDIT_PATH } from './path';

/** The state of the Audit Log page, all of it in the URL. The one place that names its parameters. Dates are the reader's days. */
const optional = <T extends z.ZodType>(type: T) => type.optional().catch(undefined);
const text = z
  .string()
  .trim()
  .min(1)
  .max(254)
  .regex(/^\P{Cc}*$/u);

/** Of a year that stays one of four figures in any zone. */
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

/** `personId` is whom the view's `person` names; somebody unknown has no entries. */
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
  // The day named is part of it.
  until: until ? startOfDay(new Date(Date.parse(until) + DAY_MS).toISOString().slice(0, 10), timeZone) : undefined,
});

export const isFiltered = ({ after: _, before: __, ...filters }: AuditView): boolean =>
  Object.values(filters).some((value) => value !== undefined);

export const paramsOf = (view: AuditView): Record<string, string> =>
  Object.fromEntries(Object.entries(view).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

/** The address of this view with something changed; any change but of the cursor begins at the first page again. */
export function hrefOf(view: AuditView, change: Partial<AuditView> = {}): string {
  const query = new URLSearchParams(paramsOf({ ...view, after: undefined, before: undefined, ...change })).toString();
  return query ? `${AUDIT_PATH}?${query}` : AUDIT_PATH;
}
