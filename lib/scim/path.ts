import { type Attribute, findAttribute, type ResourceType } from './schema';

/**
 * Resolves `userName`, `name.givenName`, `urn:…:core:2.0:User:userName` and `urn:…:enterprise:2.0:User:manager.value`.
 * Names and URNs ignore letter case (RFC 7643, 2.1; RFC 7644, 3.10). Returns the steps from the top of the resource down,
 * or null if a step is not in the schema.
 */
export type Steps = [Attribute, ...Attribute[]];

export function resolvePath(type: ResourceType, path: string): Steps | null {
  const extensions = extensionsOf(type);
  const urn = [type.schema, ...extensions].find((each) => isUnder(path, each));
  if (urn === undefined) {
    if (path.includes(':')) return null;
    const names = path.split('.');
    // Entra ID sends `manager` without the extension's URN.
    const ways = [names, ...extensions.map((each) => [each, ...names])];
    return ways.map((way) => walk(type.attributes, way)).find((steps) => steps !== null) ?? null;
  }
  const rest = path.slice(urn.length + 1);
  if (urn === type.schema) return rest === '' ? null : walk(type.attributes, rest.split('.'));
  return walk(type.attributes, rest === '' ? [urn] : [urn, ...rest.split('.')]);
}

const extensionsOf = (type: ResourceType) =>
  type.attributes.map(({ name }) => name).filter((name) => name.startsWith('urn:'));

/** Whether the path is under the URN of a schema that is not supported here. */
export const isOfOtherSchema = (type: ResourceType, path: string): boolean =>
  /^urn:[\w.:$-]+$/i.test(path) && ![type.schema, ...extensionsOf(type)].some((each) => isUnder(path, each));

const isUnder = (path: string, urn: string) => {
  const [lower, whole] = [path.toLowerCase(), urn.toLowerCase()];
  return lower === whole || lower.startsWith(`${whole}:`);
};

export function walk(attributes: Attribute[], names: string[]): Steps | null {
  const steps: Attribute[] = [];
  let level = attributes;
  for (const name of names) {
    const found = findAttribute(level, name);
    if (!found) return null;
    steps.push(found);
    level = found.sub;
  }
  const [first, ...rest] = steps;
  return first ? [first, ...rest] : null;
}

/** As shown in messages: `name.givenName`. */
export const pathName = (steps: readonly Attribute[]): string =>
  steps
    .map(({ name }) => name)
    .join('.')
    .replace(/^(urn:[^.]*\.\d[^.]*)\./, '$1:');
