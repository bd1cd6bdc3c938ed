import { badRequest } from './error';
import { resolvePath, type Steps } from './path';
import type { ResourceType } from './schema';
import { isObject, type Json, type Resource } from './value';

/** `attributes` and `excludedAttributes` of RFC 7644, 3.9. Id and schemas are always returned. Unknown names are ignored. */
export type Projection = { only: Steps[] | null; without: Steps[] };

export function readProjection(type: ResourceType, only: string[], without: string[]): Projection {
  if (only.length > 0 && without.length > 0)
    throw badRequest('invalidValue', 'Give “attributes” or “excludedAttributes”, not both.');
  const known = (names: string[]) => names.flatMap((name) => [resolvePath(type, name.trim()) ?? []].filter(isSteps));
  return { only: only.length > 0 ? known(only) : null, without: known(without) };
}

const isSteps = (found: Steps | never[]): found is Steps => found.length > 0;

/** Whether the attribute must be read: members cost a query. */
export function asksFor({ only, without }: Projection, name: string): boolean {
  if (without.some((steps) => steps.length === 1 && steps[0].name === name)) return false;
  return only === null || only.some(([first]) => first.name === name);
}

export function project(resource: Resource, { only, without }: Projection): Resource {
  if (only === null && without.length === 0) return resource;
  const { schemas, id, ...rest } = resource;
  const kept = only
    ? only.reduce<Json>((into, steps) => keep(into, rest, steps.map(nameOf)), {})
    : structuredClone(rest);
  for (const steps of without) drop(kept, steps.map(nameOf));
  return { schemas, id, ...kept };
}

const nameOf = ({ name }: { name: string }) => name;

function keep(into: Json, from: Json, [name = '', ...rest]: string[]): Json {
  const value = from[name];
  if (value === undefined) return into;
  if (rest.length === 0) return { ...into, [name]: value };
  if (Array.isArray(value)) {
    const before = Array.isArray(into[name]) ? (into[name] as Json[]) : [];
    return { ...into, [name]: value.map((each: Json, i) => keep(before[i] ?? {}, each, rest)) };
  }
  return isObject(value) ? { ...into, [name]: keep((into[name] as Json) ?? {}, value, rest) } : into;
}

function drop(from: Json, [name = '', ...rest]: string[]): void {
  if (rest.length === 0) delete from[name];
  else for (const each of [from[name]].flat()) if (isObject(each)) drop(each, rest);
}
