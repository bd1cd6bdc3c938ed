import { isKeptTime } from '@/db/kept-time';
import { badRequest } from './error';
import { resolvePath, type Steps, walk } from './path';
import type { Attribute, ResourceType } from './schema';

/**
 * Parses filters (RFC 7644, 3.4.2.2, grammar of figure 1) into a tree with resolved attributes and typed values. Length,
 * depth and number of comparisons are limited before the filter is used.
 */
export const MOST_CHARACTERS = 4_000;
export const MOST_DEPTH = 12;
export const MOST_COMPARISONS = 40;

export const COMPARE = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type Operator = (typeof COMPARE)[number];

export type Filter =
  | { op: 'and' | 'or'; left: Filter; right: Filter }
  | { op: 'not'; filter: Filter }
  | { op: 'pr'; steps: Steps }
  | { op: Operator; steps: Steps; value: string | boolean }
  /** `emails[type eq "work"]`: one value must satisfy the whole inner filter. Its steps begin below the attribute. */
  | { op: 'value'; attribute: Attribute; filter: Filter };

type Token = { kind: 'word' | 'string' | 'mark' | 'end'; text: string };

// Each alternative starts with a different character, so matching takes linear time.
const TOKEN = /\s+|([()[\]])|"((?:[^"\\]|\\.)*)"|([A-Za-z0-9$_:.+-]+)/suy;

function tokens(text: string): Token[] {
  if (text.length > MOST_CHARACTERS) throw invalid(`It has more than ${MOST_CHARACTERS} characters`);
  const found: Token[] = [];
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) throw invalid(`It cannot be read from “${text.slice(at, at + 20)}” on`);
    const [, mark, quoted, word] = match;
    if (mark !== undefined) found.push({ kind: 'mark', text: mark });
    else if (quoted !== undefined) found.push({ kind: 'string', text: unquote(quoted) });
    else if (word !== undefined) found.push({ kind: 'word', text: word });
  }
  return found;
}

/** A JSON string (RFC 8259, 7), escapes included. */
function unquote(quoted: string): string {
  try {
    const text: string = JSON.parse(`"${quoted}"`);
    if (text.includes('\0')) throw invalid('A value holds a NUL character');
    return text;
  } catch (error) {
    throw error instanceof SyntaxError ? invalid(`“${quoted}” is not a JSON string`) : error;
  }
}

export const invalid = (why: string) => badRequest('invalidFilter', `The filter cannot be used. ${why}.`);

type Resolve = (path: string) => Steps;

class Reader {
  private at = 0;
  private comparisons = 0;
  constructor(private readonly list: Token[]) {}

  peek(): Token {
    return this.list[this.at] ?? { kind: 'end', text: '' };
  }
  next(): Token {
    const token = this.peek();
    this.at++;
    return token;
  }
  takes(kind: Token['kind'], text: string): boolean {
    const token = this.peek();
    const is = token.kind === kind && token.text.toLowerCase() === text;
    if (is) this.at++;
    return is;
  }
  expect(mark: string): void {
    if (!this.takes('mark', mark)) throw invalid(`There should be a “${mark}” ${this.place()}`);
  }
  place(): string {
    const { kind, text } = this.peek();
    return kind === 'end' ? 'at the end' : `before “${text}”`;
  }

  or(resolve: Resolve, depth: number): Filter {
    if (depth > MOST_DEPTH) throw invalid(`It is nested deeper than ${MOST_DEPTH}`);
    let left = this.and(resolve, depth);
    while (this.takes('word', 'or')) left = { op: 'or', left, right: this.and(resolve, depth) };
    return left;
  }

  private and(resolve: Resolve, depth: number): Filter {
    let left = this.term(resolve, depth);
    while (this.takes('word', 'and')) left = { op: 'and', left, right: this.term(resolve, depth) };
    return left;
  }

  private term(resolve: Resolve, depth: number): Filter {
    if (this.takes('mark', '(')) return this.closed(')', resolve, depth);
    const { kind, text } = this.next();
    if (kind !== 'word') throw invalid(`There should be an attribute ${this.place()}`);
    if (text.toLowerCase() === 'not' && this.takes('mark', '('))
      return { op: 'not', filter: this.closed(')', resolve, depth) };
    if (this.takes('mark', '[')) return this.valuePath(text, resolve, depth);
    return this.comparison(resolve(text));
  }

  private closed(mark: string, resolve: Resolve, depth: number): Filter {
    const filter = this.or(resolve, depth + 1);
    this.expect(mark);
    return filter;
  }

  /** `emails[…]`, or `emails[…].value eq "x"`, where one value must satisfy both. */
  private valuePath(name: string, resolve: Resolve, depth: number): Filter {
    const [attribute, ...more] = resolve(name);
    if (!attribute.multi || more.length > 0) throw invalid(`“${name}” has no values to choose from`);
    const below = belowOf(attribute);
    const chosen = this.closed(']', below, depth);
    const { kind, text } = this.peek();
    if (kind !== 'word' || !text.startsWith('.')) return { op: 'value', attribute, filter: chosen };
    this.at++;
    const right = this.comparison(below(text.slice(1)));
    return { op: 'value', attribute, filter: { op: 'and', left: chosen, right } };
  }

  private comparison(steps: Steps): Filter {
    if (++this.comparisons > MOST_COMPARISONS) throw invalid(`It has more than ${MOST_COMPARISONS} comparisons`);
    const op = this.next().text.toLowerCase();
    if (op === 'pr') return { op, steps };
    if (!isOperator(op)) throw invalid(`“${op}” is not an operator`);
    const target = comparable(steps);
    const { kind, text } = this.next();
    // null is the same as not present (RFC 7643, 2.5).
    if (kind === 'word' && text === 'null' && (op === 'eq' || op === 'ne')) {
      const present: Filter = { op: 'pr', steps };
      return op === 'ne' ? present : { op: 'not', filter: present };
    }
    if (kind !== 'string' && kind !== 'word') throw invalid(`There should be a value after “${op}”`);
    return { op, steps: target, value: typed(leafOf(target), op, kind, text) };
  }
}

const isOperator = (word: string): word is Operator => (COMPARE as readonly string[]).includes(word);
export const leafOf = (steps: Steps): Attribute => steps.at(-1) ?? steps[0];

/** `members eq "x"` means `members.value`. */
function comparable(steps: Steps): Steps {
  const leaf = leafOf(steps);
  if (leaf.type !== 'complex') return steps;
  const value = leaf.sub.find(({ name }) => name === 'value');
  if (!value) throw invalid(`“${leaf.name}” is made of parts: name one`);
  return [...steps, value];
}

/** Booleans and times cannot be compared like texts (RFC 7644, 3.4.2.2, table 3); a boolean may come as text. */
function typed(leaf: Attribute, op: Operator, kind: Token['kind'], text: string): string | boolean {
  if (leaf.type === 'boolean') {
    if (op !== 'eq' && op !== 'ne') throw invalid(`“${leaf.name}” is true or false, and cannot be compared by “${op}”`);
    if (!/^(true|false)$/i.test(text)) throw invalid(`“${leaf.name}” is true or false`);
    return text.toLowerCase() === 'true';
  }
  if (leaf.type === 'dateTime') {
    if (op === 'co' || op === 'sw' || op === 'ew') throw invalid(`“${leaf.name}” is a time, not a text`);
    const at = new Date(text);
    if (!/^\d{4}-\d\d-\d\dT/.test(text) || !isKeptTime(at)) throw invalid(`“${text}” is not a time`);
    return at.toISOString();
  }
  if (kind !== 'string') throw invalid(`The value of “${leaf.name}” is a text in quotation marks`);
  if (leaf.type === 'binary' && op !== 'eq' && op !== 'ne')
    throw invalid(`“${leaf.name}” cannot be compared by “${op}”`);
  return text;
}

const belowOf =
  (attribute: Attribute): Resolve =>
  (path) => {
    const steps = walk(attribute.sub, path.split('.'));
    if (!steps) throw invalid(`“${attribute.name}” has no “${path}”`);
    return steps;
  };

function readAll(text: string, resolve: Resolve): Filter {
  const reader = new Reader(tokens(text));
  const filter = reader.or(resolve, 1);
  if (reader.peek().kind !== 'end') throw invalid(`It does not go on ${reader.place()}`);
  return filter;
}

export const parseFilter = (type: ResourceType, text: string): Filter =>
  readAll(text, (path) => {
    const steps = resolvePath(type, path);
    if (!steps) throw invalid(`There is no attribute “${path}”`);
    return steps;
  });

/** The part of a PATCH path between brackets. */
export const parseValueFilter = (attribute: Attribute, text: string): Filter => readAll(text, belowOf(attribute));

type Json = Record<string, unknown>;

/** Whether a value satisfies a filter. Selects the values of a PATCH path, and is the reference for the SQL. */
export function matches(filter: Filter, value: Json): boolean {
  switch (filter.op) {
    case 'and':
      return matches(filter.left, value) && matches(filter.right, value);
    case 'or':
      return matches(filter.left, value) || matches(filter.right, value);
    case 'not':
      return !matches(filter.filter, value);
    case 'value':
      return listOf(value[filter.attribute.name]).some((each) => matches(filter.filter, each as Json));
    case 'pr':
      return reach(value, filter.steps).some(isPresent);
    default: {
      const { op, steps, value: wanted } = filter;
      const found = reach(value, steps);
      // A missing value is unequal to every value.
      if (op === 'ne' && found.length === 0) return true;
      return found.some((each) => compare(op, fold(each, steps), fold(wanted, steps)));
    }
  }
}

const listOf = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
const isPresent = (value: unknown) =>
  value !== '' && (typeof value !== 'object' || (value !== null && Object.keys(value).length > 0));

function reach(value: unknown, steps: Attribute[]): unknown[] {
  const [step, ...rest] = steps;
  if (!step) return [value];
  return listOf((value as Json)[step.name]).flatMap((each) => reach(each, rest));
}

const fold = (value: unknown, steps: Steps) =>
  typeof value === 'string' && !leafOf(steps).caseExact && leafOf(steps).type !== 'dateTime'
    ? value.toLowerCase()
    : value;

function compare(op: Operator, a: unknown, b: unknown): boolean {
  if (op === 'eq') return a === b;
  if (op === 'ne') return a !== b;
  if (typeof a !== 'string' || typeof b !== 'string') return false;
  if (op === 'co') return a.includes(b);
  if (op === 'sw') return a.startsWith(b);
  if (op === 'ew') return a.endsWith(b);
  const order = Buffer.compare(Buffer.from(a), Buffer.from(b));
  return op === 'gt' ? order > 0 : op === 'ge' ? order >= 0 : op === 'lt' ? order < 0 : order <= 0;
}
