import { isDeepStrictEqual } from 'node:util';
import { badRequest } from './error';
import { type Filter, matches, parseValueFilter } from './filter';
import { isOfOtherSchema, resolvePath, type Steps, walk } from './path';
import type { Attribute, ResourceType } from './schema';
import { isObject, isWritable, type Json, type Resource, readOnly, readValue, targetsOf } from './value';

/**
 * PATCH of RFC 7644, 3.5.2. All operations are first read by the schema, so that a wrong one changes nothing. Then they are
 * applied to a copy of the resource in order. Deviations of identity providers are normalised while reading.
 */
export const MOST_OPERATIONS = 1_000;

type Verb = 'add' | 'replace' | 'remove';
export type Operation = {
  verb: Verb;
  steps: Steps;
  /** `emails[type eq "work"]`: selects values of the first step. */
  choose: Filter | null;
  value: unknown;
  /** Entra ID sends `Replace`, capitalised, even if there is no value yet; then it is treated as an `add`. */
  lenient: boolean;
};

export function readPatch(type: ResourceType, body: unknown): Operation[] {
  if (!isObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  const [, list] = Object.entries(body).find(([name]) => name.toLowerCase() === 'operations') ?? [];
  if (!Array.isArray(list) || list.length === 0)
    throw badRequest('invalidSyntax', 'A PATCH needs a list of “Operations”.');
  if (list.length > MOST_OPERATIONS)
    throw badRequest('tooMany', `A PATCH may have at most ${MOST_OPERATIONS} operations.`);
  // A password is accepted but ignored: SCIM sets no passwords.
  return list.flatMap((each) => readOperation(type, each)).filter(({ steps }) => steps[0].mutability !== 'writeOnly');
}

function readOperation(type: ResourceType, given: unknown): Operation[] {
  if (!isObject(given)) throw badRequest('invalidSyntax', 'Each operation must be a JSON object.');
  const { op, path, value } = lowerNames(given);
  const verb = typeof op === 'string' ? op.toLowerCase() : '';
  if (verb !== 'add' && verb !== 'replace' && verb !== 'remove')
    throw badRequest('invalidSyntax', `“${String(op)}” is not an operation: there are add, replace and remove.`);
  const lenient = op !== verb;
  if (path === undefined || path === null || path === '') {
    if (verb === 'remove') throw badRequest('noTarget', 'A remove needs a path.');
    if (!isObject(value)) throw badRequest('invalidValue', 'An operation without a path needs an object as its value.');
    return targetsOf(type, value).flatMap((target) =>
      meant({ verb, lenient, steps: target.steps, choose: null }, target.value),
    );
  }
  if (typeof path !== 'string') throw badRequest('invalidPath', 'A path must be a text.');
  // Ignored, as in a whole resource: an unknown extension must not block the other operations.
  if (isOfOtherSchema(type, path)) return [];
  const { steps, choose } = readPath(type, path);
  if (!isWritable(steps)) throw readOnly(steps);
  if (verb !== 'remove' && value === undefined)
    throw badRequest('invalidValue', `The operation on “${path}” has no value.`);
  return meant({ verb, lenient, steps, choose }, value);
}

/**
 * An empty value removes the attribute (RFC 7643, 2.5), except for a list: adding or removing an empty list changes
 * nothing, and replacing by an empty list clears it.
 */
function meant(asked: Omit<Operation, 'value'>, given: unknown): Operation[] {
  const value = given === undefined ? undefined : readTarget(asked.steps, asked.choose, given);
  const isList = asked.choose === null && asked.steps.at(-1)?.multi;
  const isNothing = given !== undefined && value === undefined && !(asked.verb === 'remove' && given === null);
  if (isNothing && isList && asked.verb !== 'replace') return [];
  return [{ ...asked, verb: value === undefined ? 'remove' : asked.verb, value }];
}

const lowerNames = (given: Json) =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value])) as {
    op?: unknown;
    path?: unknown;
    value?: unknown;
  };

/** With a value filter, the value is one element of the list, not the list. */
function readTarget(steps: Steps, choose: Filter | null, value: unknown): unknown {
  const leaf = steps.at(-1) ?? steps[0];
  return readValue(choose && steps.length === 1 ? { ...leaf, multi: false } : leaf, value);
}

export function readPath(type: ResourceType, path: string): { steps: Steps; choose: Filter | null } {
  const open = path.indexOf('[');
  const close = path.lastIndexOf(']');
  const noSuch = badRequest('invalidPath', `There is no attribute “${path.slice(0, 200)}”.`);
  if (open === -1) {
    const steps = resolvePath(type, path);
    if (!steps) throw noSuch;
    return { steps, choose: null };
  }
  const [attribute, ...more] = resolvePath(type, path.slice(0, open)) ?? [];
  if (!attribute?.multi || more.length > 0 || close < open) throw noSuch;
  const choose = parseValueFilter(attribute, path.slice(open + 1, close));
  const rest = path.slice(close + 1);
  if (rest === '') return { steps: [attribute], choose };
  const below = rest.startsWith('.') ? walk(attribute.sub, [rest.slice(1)]) : null;
  if (!below) throw noSuch;
  return { steps: [attribute, ...below], choose };
}

/** Returns the resource after all operations. The given one is not changed. */
export function applyPatch(resource: Resource, operations: Operation[]): Resource {
  const copy = structuredClone(resource);
  for (const operation of operations) change(copy, operation.steps, operation);
  return copy;
}

function change(holder: Json, [step, ...rest]: Steps, operation: Operation): void {
  if (step.multi) {
    changeList(holder, step, rest, operation);
    return;
  }
  const [next, ...more] = rest;
  if (next) {
    const inner = isObject(holder[step.name]) ? (holder[step.name] as Json) : {};
    change(inner, [next, ...more], operation);
    put(holder, step, Object.keys(inner).length > 0 ? inner : undefined);
    return;
  }
  const value = operation.verb === 'remove' ? undefined : operation.value;
  // Sub-attributes that are not named are kept, for replace too (RFC 7644, 3.5.2.3).
  put(
    holder,
    step,
    isObject(value) && isObject(holder[step.name]) ? merged(step, holder[step.name] as Json, value) : value,
  );
}

function merged(attribute: Attribute, before: Json, value: Json): Json {
  const after = { ...before };
  for (const [name, each] of Object.entries(value)) {
    const deeper = attribute.sub.find((sub) => sub.name === name && sub.type === 'complex' && !sub.multi);
    after[name] = deeper && isObject(before[name]) && isObject(each) ? { ...before[name], ...each } : each;
  }
  return after;
}

function put(holder: Json, { name }: Attribute, value: unknown): void {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) delete holder[name];
  else holder[name] = value;
}

function changeList(holder: Json, step: Attribute, rest: Attribute[], operation: Operation): void {
  const before = (Array.isArray(holder[step.name]) ? holder[step.name] : []) as Json[];
  const after =
    rest[0] || operation.choose ? changeChosen(before, step, rest[0], operation) : changeWhole(before, operation);
  put(holder, step, onePrimary(before, after));
}

function changeWhole(before: Json[], { verb, value }: Operation): Json[] {
  const given = (value ?? []) as Json[];
  if (verb === 'replace') return given;
  if (verb === 'add')
    return [...before, ...given.filter((each) => !before.some((known) => isDeepStrictEqual(known, each)))];
  // Entra ID identifies the values to remove by `value`.
  return given.length > 0 ? before.filter((known) => !given.some((each) => known.value === each.value)) : [];
}

function changeChosen(before: Json[], step: Attribute, sub: Attribute | undefined, operation: Operation): Json[] {
  const { verb, choose, value, lenient } = operation;
  const isChosen = (each: Json) => choose === null || matches(choose, each);
  if (!before.some(isChosen)) {
    if (verb === 'remove' && lenient) return before;
    if (verb !== 'add' && !lenient)
      throw badRequest('noTarget', `No value of “${step.name}” is the one that the path names.`);
    const born = { ...equalities(choose), ...(sub ? { [sub.name]: value } : (value as Json)) };
    return [...before, born];
  }
  if (verb === 'remove' && !sub) return before.filter((each) => !isChosen(each));
  return before
    .map((each) => {
      if (!isChosen(each)) return each;
      if (!sub) return verb === 'replace' ? (value as Json) : { ...each, ...(value as Json) };
      const { [sub.name]: _, ...others } = each;
      return verb === 'remove' ? others : { ...each, [sub.name]: value };
    })
    .filter((each) => Object.keys(each).length > 0);
}

/** The attributes that a new value needs to match the filter of the path. */
function equalities(filter: Filter | null): Json {
  if (filter?.op === 'and') return { ...equalities(filter.left), ...equalities(filter.right) };
  if (filter?.op === 'eq' && filter.steps.length === 1) return { [filter.steps[0].name]: filter.value };
  return {};
}

/** A new primary value replaces the old one (RFC 7644, 3.5.2). */
function onePrimary(before: Json[], after: Json[]): Json[] {
  const primary = after.flatMap((each, i) => (each.primary === true ? [i] : []));
  if (primary.length < 2) return after;
  const isKnown = (each?: Json) => before.some((known) => known.primary === true && isDeepStrictEqual(known, each));
  const chosen = primary.filter((i) => !isKnown(after[i])).at(-1) ?? primary[0];
  return after.map((each, i) => (each.primary === true && i !== chosen ? { ...each, primary: false } : each));
}
