import { cursor, ForeignCursor } from '@/lib/cursor';
import type { Answer } from './problem';

/**
 * A page and the cursor of the next one. One row more than `limit` shows that there is a next page. A cursor names its list
 * and order: in another list it would point to a wrong row without anybody noticing.
 */
export function page<T>(
  list: string,
  rows: T[],
  limit: number,
  item: (row: T) => unknown,
  place: (row: T) => string[],
): Answer {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { status: 200, body: { data: shown.map(item), next: last ? cursor([list, ...place(last)]) : null } };
}

/** @throws ForeignCursor */
export function placeIn(list: string, given: string[] | undefined): string[] | undefined {
  if (given && given[0] !== list) throw new ForeignCursor();
  return given?.slice(1);
}
