import { badRequest } from './error';
import { pathName, resolvePath, type Steps } from './path';
import { type Attribute, findAttribute, type ResourceType } from './schema';

/**
 * Normalises what identity providers send by the schema: names in the schema's case, `"False"` and `"True"` as booleans
 * (Entra ID), a single value from a list of one (Entra ID), a list from a single value, and an object with `value` from a
 * bare text. Unknown and read-only attributes are ignored.
 */
export type Json = Record<string, unknown>;
export type Resource = Json;

const MOST_TEXT = 4_000;
const MOST_TEXT_OF: Partial<Record<Attribute['type'], number>> = { binary: 100_000 };
/** For one multi-valued attribute; members have a limit of their own (`MOST_MEMBERS`). */
const MOST_VALUES = 200;

/** NUL and lone surrogates: JSON allows them, the database does not. */
export const UNSTORABLE = /[\0\p{Cs}]/u;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Undefined for no value: null, an empty list, or an object without known attributes (RFC 7643, 2.5). */
export function readValue(attribute: Attribute, given: unknown): unknown {
  if (!attribute.multi) return readOne(attribute, Array.isArray(given) && given.length <= 1 ? given[0] : given);
  const list = (Array.isArray(given) ? given : [given]).flatMap((each) => readOne(attribute, each) ?? []);
  if (attribute.name !== 'members' && list.length > MOST_VALUES)
    throw badRequest('invalidValue', `“${attribute.name}” may have at most ${MOST_VALUES} values.`);
  if (list.filter((each) => isObject(each) && each.primary === true).length > 1)
    throw badRequest('invalidValue', `Only one of “${attribute.name}” may be primary.`);
  return list.length > 0 ? list : undefined;
}

function readOne(attribute: Attribute, given: unknown): unknown {
  if (given === null || given === undefined) return undefined;
  if (attribute.type === 'complex') return readComplex(attribute, given);
  // Accepts {"value": …} in place of the value itself.
  const value = isObject(given) && 'value' in given ? given.value : given;
  if (attribute.type === 'boolean') return readBoolean(attribute, value);
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  if (typeof text !== 'string') throw wrong(attribute, 'a text');
  if (UNSTORABLE.test(text)) throw badRequest('invalidValue', `“${attribute.name}” holds a character that is none.`);
  if (text.length > (MOST_TEXT_OF[attribute.type] ?? MOST_TEXT))
    throw badRequest('invalidValue', `“${attribute.name}” is too long.`);
  return text;
}

const wrong = (attribute: Attribute, what: string) =>
  badRequest('invalidValue', `“${attribute.name}” must be ${what}.`);

function readBoolean(attribute: Attribute, given: unknown): boolean | undefined {
  if (typeof given === 'boolean') return given;
  if (given === '') return undefined;
  const word = typeof given === 'string' ? given.trim().toLowerCase() : '';
  if (word !== 'true' && word !== 'false') throw wrong(attribute, 'true or false');
  return word === 'true';
}

function readComplex(attribute: Attribute, given: unknown): Json | undefined {
  if (!isObject(given)) {
    if (given === '') return undefined;
    if (typeof given !== 'string' || !findAttribute(attribute.sub, 'value')) throw wrong(attribute, 'an object');
    return readComplex(attribute, { value: given });
  }
  const object = readMembers(attribute.sub, given);
  return Object.keys(object).length > 0 ? object : undefined;
}

function readMembers(attributes: Attribute[], given: Json): Json {
  const found: Json = {};
  for (const [name, value] of Object.entries(given)) {
    const attribute = findAttribute(attributes, name);
    if (!attribute || attribute.mutability === 'readOnly') continue;
    const read = readValue(attribute, value);
    if (read !== undefined) found[attribute.name] = read;
  }
  return found;
}

/** A whole resource, as POST and PUT send it. A password is dropped, like unknown attributes. */
export function readResource(type: ResourceType, body: unknown): Resource {
  if (!isObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  const { password: _, ...resource } = readMembers(type.attributes, body);
  return resource;
}

/**
 * The members of a PATCH value without a path, each with its target. `name.givenName` and a URN with an attribute behind it
 * are paths here too (Entra ID). Unknown and read-only ones are ignored, as in a whole resource.
 */
export function targetsOf(type: ResourceType, value: Json): { steps: Steps; value: unknown }[] {
  return Object.entries(value).flatMap(([name, each]) => {
    const steps = resolvePath(type, name);
    return steps && isWritable(steps) ? [{ steps, value: each }] : [];
  });
}

export const isWritable = (steps: Steps): boolean => steps.every(({ mutability }) => mutability !== 'readOnly');

export const readOnly = (steps: Steps) => badRequest('mutability', `“${pathName(steps)}” cannot be changed.`);

/** Indexed, and an index entry has a size limit. */
export function externalIdOf(given: unknown): string | null {
  if (typeof given !== 'string' || given === '') return null;
  if (Buffer.byteLength(given) > 254) throw badRequest('invalidValue', 'An “externalId” may have at most 254 bytes.');
  return given;
}
