import { isDeepStrictEqual } from 'node:util';
import { badRequest } from './error';
import { type Filter, matches, parseValueFilter } from './filter';
import { isOfOtherSchema, resolvePath, type Steps, walk } from './path';
import type { Attribute, ResourceType } from './schema';
import { isObject, isWritable, type Json, type Resource, readOnly, readValue, targetsOf } from './value';

/**
 * PATCH of RFC 7644, 3.5.2: operations are read by the schema first, whole, so that a wrong one changes nothing; then they
 * are applied to a copy of the resource, one after the other. What identity providers do differently is undone while reading.
 */
export const MOST_OPERATIONS = 1_000;

type Verb = 'add' | 'replace' | 'remove';
export type Operation = {
  verb: Verb;
  steps: Steps;
  /** `emails[type eq "work"]`: which values of the first step are meant. */
  choose: Filter | null;
  value: unknown;
  /** Entra ID says `Replace`, with a capital, also where there is no value yet; then it is an `add`. */
  lenient: boolean;
};

export function readPatch(type: ResourceType, body: unknown): Operation[] {
  if (!isObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  const [, list] = Object.entries(body).find(([name]) => name.toLowerCase() === 'operations') ?? [];
  if (!Array.isArray(list) || list.length === 0)
    throw badRequest('invalidSyntax', 'A PATCH needs a list of “Operations”.');
  if (list.length > MOST_OPERATIONS)
    throw badRequest('tooMany', `A PATCH may have at most ${MOST_OPERATIONS} operations.`);
  // A password is taken and not kept: nobody has one by SCIM.
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
  // Left out, as in a whole resource: an extension of somebody's own must not hold up what is said beside it.
  if (isOfOtherSchema(type, path)) return [];
  const { steps, choose } = readPath(type, path);
  if (!isWritable(steps)) throw readOnly(steps);
  if (verb !== 'remove' && value === undefined)
    throw badRequest('invalidValue', `The operation on “${path}” has no value.`);
  return meant({ verb, lenient, steps, choose }, value);
}

/**
 * To give no value is the same as to take it away (RFC 7643, 2.5), but of a list: nothing is added to it then, or nothing
 * taken from it, and only to replace it by nothing empties it.
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

/** With a choice the value is one of the list's, not the list. */
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

/** The resource after all operations; the one given stays as it is. */
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
  // The parts that are not named stay, for replace too (RFC 7644, 3.5.2.3).
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
  // Entra ID names what it removes by the value.
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

/** What a value that was not there must be, to be the one that the path names. */
function equalities(filter: Filter | null): Json {
  if (filter?.op === 'and') return { ...equalities(filter.left), ...equalities(filter.right) };
  if (filter?.op === 'eq' && filter.steps.length === 1) return { [filter.steps[0].name]: filter.value };
  return {};
}

/** A new primary value takes the place of the old one (RFC 7644, 3.5.2). */
function onePrimary(before: Json[], after: Json[]): Json[] {
  const primary = after.flatMap((each, i) => (each.primary === true ? [i] : []));
  if (primary.length < 2) return after;
  const isKnown = (each?: Json) => before.some((known) => known.primary === true && isDeepStrictEqual(known, each));
  const chosen = primary.filter((i) => !isKnown(after[i])).at(-1) ?? primary[0];
  return after.map((each, i) => (each.primary === true && i !== chosen ? { ...each, primary: false } : each));
}
