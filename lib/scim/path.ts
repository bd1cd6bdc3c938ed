import { type Attribute, findAttribute, type ResourceType } from './schema';

/**
 * `userName`, `name.givenName`, `urn:…:core:2.0:User:userName`, `urn:…:enterprise:2.0:User:manager.value`: names and URNs
 * without regard to letter case (RFC 7643, 2.1; RFC 7644, 3.10). Answers the steps from the top of the resource down, or
 * null where a step is not in the schema.
 */
export type Steps = [Attribute, ...Attribute[]];

export function resolvePath(type: ResourceType, path: string): Steps | null {
  const urn = [type.schema, ...type.attributes.map(({ name }) => name).filter((name) => name.startsWith('urn:'))].find(
    (each) => isUnder(path, each),
  );
  if (urn === undefined) return path.includes(':') ? null : walk(type.attributes, path.split('.'));
  const rest = path.slice(urn.length + 1);
  if (urn === type.schema) return rest === '' ? null : walk(type.attributes, rest.split('.'));
  return walk(type.attributes, rest === '' ? [urn] : [urn, ...rest.split('.')]);
}

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

/** As it is written in a sentence: `name.givenName`. */
export const pathName = (steps: readonly Attribute[]): string =>
  steps
    .map(({ name }) => name)
    .join('.')
    .replace(/^(urn:[^.]*\.\d[^.]*)\./, '$1:');
