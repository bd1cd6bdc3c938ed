import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';

/** Every door that the app has, as it stands in its folders: what is new is found without being named. */
export type Json = { properties?: Record<string, Json>; enum?: unknown[]; const?: unknown; format?: string } & {
  [key in 'allOf' | 'anyOf' | 'oneOf']?: Json[];
} & { type?: string };
export type Action = { name: string; page: string; call: (...given: unknown[]) => unknown; fields: Map<string, Json> };
export type Route = {
  name: string;
  page: string;
  method: string;
  call: (...given: unknown[]) => unknown;
  words: string[];
};

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

const sources = ['app', 'components', 'lib']
  .flatMap((room) => readdirSync(room, { recursive: true, encoding: 'utf8' }).map((file) => join(room, file)))
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }));

/** `'use server'` inside a function would be a door without a name. */
export const actionFiles = sources.filter(({ text }) => /^\s*['"]use server['"]/m.test(text));
export const routeFiles = sources.filter(({ file }) => /(^|\/)route\.tsx?$/.test(file));
/** Where a door is made by a wrapper of `app/form-action.ts`. */
export const wrappingFiles = sources.filter(
  ({ file, text }) => file !== 'app/form-action.ts' && /from '(?:@\/app|\.{1,2}(?:\/\.\.)*)\/form-action'/.test(text),
);

const pageOf = (file: string) => `/${dirname(file)}`.replace(/^\/app/, '').replace(/\/\([^)]*\)/g, '') || '/';
const load = (file: string): Promise<Record<string, unknown>> => import(resolve(file));

const schemas = new WeakMap<object, z.ZodType>();
type Make = (schema: z.ZodType, ...more: unknown[]) => object;

/** The wrappers, noting for each door what it takes. */
export const noting = (wrappers: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(wrappers).map(([name, make]) => [
      name,
      (schema: z.ZodType, ...more: unknown[]) => {
        const door = (make as Make)(schema, ...more);
        schemas.set(door, schema);
        return door;
      },
    ]),
  );

export async function findActions(): Promise<Action[]> {
  const found: Action[] = [];
  for (const { file } of actionFiles)
    for (const [name, call] of Object.entries(await load(file)))
      found.push({ name, page: pageOf(file), call: call as Action['call'], fields: fieldsOf(call as object) });
  return found;
}

/** By its schema; where it reads the form itself, the names stand in its own text. */
function fieldsOf(door: object): Map<string, Json> {
  const schema = schemas.get(door);
  if (schema) return propertiesOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json);
  return new Map([...String(door).matchAll(/\.get(?:All)?\(['"](\w+)['"]\)/g)].map(([, name = '']) => [name, {}]));
}

function propertiesOf({ properties = {}, allOf = [], anyOf = [], oneOf = [] }: Json): Map<string, Json> {
  return new Map([
    ...Object.entries(properties),
    ...[...allOf, ...anyOf, ...oneOf].flatMap((part) => [...propertiesOf(part)]),
  ]);
}

export async function findRoutes(): Promise<Route[]> {
  const found: Route[] = [];
  for (const { file, text } of routeFiles) {
    const page = pageOf(file);
    const module = await load(file);
    for (const method of METHODS.filter((name) => name in module))
      found.push({
        name: `${method} ${page}`,
        page,
        method,
        call: module[method] as Route['call'],
        words: wordsOf(file, text),
      });
  }
  return found;
}

/** What a handler, and what it imports from beside it, could call the parts of a query or form. */
function wordsOf(file: string, text: string): string[] {
  const beside = [...text.matchAll(/from '(\.[^']*)'/g)].flatMap(([, path = '']) => {
    const wanted = join(dirname(file), path);
    return sources.filter(({ file }) => file.replace(/\.tsx?$/, '') === wanted).map(({ text }) => text);
  });
  const words = [text, ...beside].flatMap((each) => [...each.matchAll(/'(\w{1,30})'|(?<=^ {2})(\w+): /gm)]);
  return [...new Set(words.map(([, quoted, key]) => quoted ?? key ?? ''))].filter(Boolean).sort();
}
