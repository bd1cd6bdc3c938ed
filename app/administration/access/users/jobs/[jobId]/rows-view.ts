import { z } from 'zod';
import type { RawParams } from '../../search-params';
import { jobHref } from '../path';

const number = z.coerce.number().int().min(0).max(1_000_000_000).optional().catch(undefined);

/** Which rows of a job its page shows: an optional verdict and a cursor. All of it is in the URL. */
const rowsView = z.object({
  verdict: z
    .string()
    .regex(/^[a-z-]{1,30}$/)
    .optional()
    .catch(undefined),
  after: number,
  before: number,
});
export type RowsView = z.output<typeof rowsView>;

export const parseRowsView = (raw: RawParams): RowsView => rowsView.parse(raw);

export function rowsHref(jobId: string, view: Partial<RowsView>): string {
  const given = Object.entries(view).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  const query = new URLSearchParams(given);
  return query.size > 0 ? `${jobHref(jobId)}?${query}` : jobHref(jobId);
}
