import { z } from 'zod';
import { badRequest } from './error';
import { type Filter, parseFilter } from './filter';
import { pathName, resolvePath } from './path';
import { type Projection, readProjection } from './project';
import type { ResourceType } from './schema';
import { isObject } from './value';

/** The parameters of a list, from the URL (RFC 7644, 3.4.2) or from a POST to `.search` (3.4.3). */
export const DEFAULT_COUNT = 100;
export const MOST_COUNT = 500;

export type Query = {
  filter: Filter | null;
  sort: { name: string; descending: boolean } | null;
  startIndex: number;
  count: number;
  /** Undefined: pages by index. Empty: the first page by cursor (RFC 9865). */
  cursor: string | undefined;
  projection: Projection;
  /** What a cursor is bound to, so that it is valid for the same list only. */
  bound: string;
};

const text = z.string().optional();
const parameters = z.object({
  filter: text,
  sortBy: text,
  sortOrder: text,
  startIndex: text,
  count: text,
  cursor: text,
  attributes: z.array(z.string()).default([]),
  excludedAttributes: z.array(z.string()).default([]),
});
type Parameters = z.output<typeof parameters>;
const NAMES = Object.keys(parameters.shape) as (keyof Parameters)[];
const nameOf = (given: string) => NAMES.find((name) => name.toLowerCase() === given.toLowerCase());
const listed = (value: string) => value.split(',').filter((name) => name.trim() !== '');

export function readAddress(type: ResourceType, search: URLSearchParams): Query {
  const given: Record<string, unknown> = {};
  for (const [key, value] of search) {
    const name = nameOf(key);
    if (name) given[name] = name === 'attributes' || name === 'excludedAttributes' ? listed(value) : value;
  }
  return readQuery(type, given);
}

export function readSearch(type: ResourceType, body: unknown): Query {
  if (!isObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  const given: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(body)) {
    const name = nameOf(key);
    if (!name || value === null) continue;
    if (name === 'attributes' || name === 'excludedAttributes')
      given[name] = typeof value === 'string' ? listed(value) : value;
    else given[name] = typeof value === 'number' ? String(value) : value;
  }
  return readQuery(type, given);
}

function readQuery(type: ResourceType, given: Record<string, unknown>): Query {
  const read = parameters.safeParse(given);
  if (!read.success)
    throw badRequest('invalidValue', `“${String(read.error.issues[0]?.path[0])}” is of the wrong kind.`);
  const { filter, sortBy, sortOrder, startIndex, count, cursor, attributes, excludedAttributes } = read.data;
  if (cursor !== undefined && startIndex !== undefined)
    throw badRequest('invalidValue', 'Give “cursor” or “startIndex”, not both.');
  const sort = readSort(type, sortBy, sortOrder);
  return {
    filter: filter === undefined || filter.trim() === '' ? null : parseFilter(type, filter),
    sort,
    startIndex: Math.max(1, whole('startIndex', startIndex, 1)),
    count: Math.min(MOST_COUNT, Math.max(0, whole('count', count, DEFAULT_COUNT, cursor !== undefined))),
    cursor,
    projection: readProjection(type, attributes, excludedAttributes),
    bound: JSON.stringify([type.name, filter ?? '', sort]),
  };
}

function readSort(type: ResourceType, by: string | undefined, order = 'ascending'): Query['sort'] {
  if (!by) return null;
  const steps = resolvePath(type, by);
  if (!steps) throw badRequest('invalidValue', `There is no attribute “${by.slice(0, 200)}” to sort by.`);
  if (!/^(a|de)scending$/i.test(order)) throw badRequest('invalidValue', '“sortOrder” is ascending or descending.');
  return { name: pathName(steps), descending: order.toLowerCase() === 'descending' };
}

/** Below 1, `startIndex` counts as 1; below 0, `count` counts as 0 (RFC 7644, 3.4.2.4). */
function whole(name: string, given: string | undefined, otherwise: number, byCursor = false): number {
  if (given === undefined || given === '') return otherwise;
  if (!/^-?\d{1,9}$/.test(given))
    throw badRequest(byCursor ? 'invalidCount' : 'invalidValue', `“${name}” must be a whole number.`);
  return Number(given);
}
