import type { Json } from './doors';
import { fc } from './fuzz';

/** What somebody knows who sends a form: ids, addresses, secrets of their own, and of others what a stranger can come by. */
export type Knows = { ids: Record<string, string[]>; emails: string[]; passwords: string[]; tokens: string[] };

export const HOSTILE = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\u0007',
  '\ud800',
  '\udc00\ud800',
  'a\r\nBcc: b@x.example\r\n\r\nx',
  '\u202egpj.exe',
  '\u2028\u0085\ufeff',
  "' or 1=1; drop table users; --",
  '") or true) --',
  '%',
  '_\\%',
  '=cmd|" /C calc"!A0',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '{{7*7}}',
  '../../../etc/passwd',
  '%2e%2e%2f%00',
  '//evil.example/x',
  '/\\evil.example',
  'https://evil.example/',
  'javascript:alert(1)',
  '/profile?next=//evil.example',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'undefined',
  '[object Object]',
  '{"$gt":""}',
  '[]',
  '{"id":"a","rawId":"a","type":"public-key","response":{}}',
  '-1',
  '0',
  '1e309',
  'NaN',
  '9'.repeat(400),
  '9999-12-31',
  '0000-00-00',
  '-000001-01-01',
  '00000000-0000-0000-0000-000000000000',
  'x'.repeat(5_000),
  'é'.repeat(200_000),
  `${'a'.repeat(50_000)}!`,
  '@'.repeat(30_000),
  `a@${'a.'.repeat(20_000)}`,
  `${' '.repeat(60_000)}x`,
  `"${'""'.repeat(30_000)}`,
  `<a>`.repeat(5_000),
  '\n'.repeat(60_000),
  'https://'.repeat(9_000),
];

export const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 40 }));

/** Whether or not a form has them: columns of ours, the framework's own names, and those of every object. */
const EXTRA: [name: string, value: string][] = [
  ['role', 'tenant_admin'],
  ['status', 'active'],
  ['breakGlass', 'on'],
  ['passwordHash', 'x'],
  ['isAdmin', 'true'],
  ['__proto__', '{"role":"tenant_admin"}'],
  ['constructor.prototype', 'x'],
  ['constructor', 'x'],
  ['toString', 'x'],
  ['hasOwnProperty', 'x'],
  ['length', '-1'],
  ['$ACTION_ID_0', 'x'],
  ['$ACTION_KEY', 'x'],
  ['', 'x'],
  ['a[b][]', 'x'],
];

const file = fc
  .tuple(fc.oneof(fc.uint8Array({ maxLength: 64 }), text), fc.constantFrom('a.csv', '../x', '\0', 'x\r\ny: z'))
  .map(([bytes, name]) => new File([bytes as BlobPart], name, { type: 'text/html' }));

const WORDS = ['Ada', 'Ben O’Neill', 'Okta', 'de', '12', '24', '48210', '90', 'on', 'yes', 'x.example', 'sap\nadmins'];
const PEOPLE = 'ada@x.example\nBen <ben@x.example>, Ben, B, tenant_admin\nnot an address';

const some = (...of: string[]) => fc.constantFrom(...(of.length > 0 ? of : ['']));

/** A value such as the page itself would send: by what the door's schema says of the field, then by its name. */
function likely(name: string, said: Json, knows: Knows): fc.Arbitrary<string> {
  const choices = [said, ...(said.anyOf ?? []), ...(said.oneOf ?? [])];
  const words = choices.flatMap((each) => [...(each.enum ?? []), ...('const' in each ? [each.const] : [])]);
  if (words.length > 0) return some(...words.map(String));
  const [, kind = ''] = /^(\w+)Ids?$/.exec(name) ?? [];
  const ids = knows.ids[kind] ?? (/^ids$|glass$/i.test(name) ? knows.ids.user : undefined);
  if (ids) return some(...ids);
  if (choices.some(({ format }) => format === 'uuid')) return some(...Object.values(knows.ids).flat());
  if (choices.some(({ format }) => format === 'email') || /mail/i.test(name)) return some(...knows.emails);
  if (/password/i.test(name)) return some(...knows.passwords);
  if (/token|arrival|code|seen/i.test(name)) return some(...knows.tokens, '123456');
  if (/typed/i.test(name)) return some(...knows.emails, '1', '2', '5', '1,000');
  if (/^(from|until|since)$/.test(name)) return some('2026-11-25', '0000-01-01', '0001-01-01', '9999-12-31');
  if (/hours/i.test(name)) return some('1', '12', '24', '720');
  if (/next|path|url/i.test(name)) return some('/', '/profile', '/administration/access/users?q=a#b');
  if (/^(text|metadata)$/.test(name)) return some(PEOPLE, '<md:EntityDescriptor/>', ...WORDS);
  return some(...WORDS);
}

type Value = string | File;
export type Fields = [name: string, value: Value][];

/** Most of a form is as it should be, so that what is not comes far. */
export function formOf(fields: Map<string, Json>, knows: Knows): fc.Arbitrary<Fields> {
  const names = [...fields.keys()];
  const values = names.map((name) => {
    const good = likely(name, fields.get(name) ?? {}, knows);
    return { good: good.map((value) => [value]), spoilt: spoilt(good) };
  });
  const honest = fc.tuple(...values.map(({ good }) => good));
  const bad = fc.tuple(...values.map(({ spoilt }) => spoilt));
  const more = fc.subarray(EXTRA, { maxLength: 4 });
  return fc
    .tuple(honest, bad, fc.subarray(names, { maxLength: Math.min(2, names.length) }), more)
    .map(([good, bad, wrong, more]) => [
      ...names.flatMap((name, i) =>
        ((wrong.includes(name) ? bad : good)[i] ?? []).map((value) => [name, value] as const),
      ),
      ...more.filter(([name]) => !fields.has(name)),
    ]) as fc.Arbitrary<Fields>;
}

const spoilt = (good: fc.Arbitrary<string>): fc.Arbitrary<Value[]> =>
  fc.oneof(
    { weight: 4, arbitrary: text.map((value) => [value]) },
    { weight: 1, arbitrary: fc.constant<Value[]>([]) },
    { weight: 1, arbitrary: file.map((value) => [value]) },
    { weight: 1, arbitrary: fc.tuple(good, good) },
    { weight: 1, arbitrary: fc.tuple(good, text, file) },
    { weight: 1, arbitrary: good.map((value) => [value.toUpperCase()]) },
    { weight: 1, arbitrary: good.map((value) => Array<string>(300).fill(value)) },
  );

export function toFormData(fields: Fields): FormData {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  return data;
}

/** What a caller of an action can send in place of a form, and of the state before it. */
export const noForm = fc.constantFrom<unknown>(
  undefined,
  null,
  '',
  'x',
  7,
  true,
  [],
  {},
  { get: 'x', keys: 1 },
  new Map([['get', 'x']]),
  new Date(0),
  10n,
);
export const noState = fc.oneof(noForm, fc.constant({ status: 'idle' }), fc.constant({ step: 'write', text: '' }));

/** Names and values that a line of HTTP can hold. */
export const sendable = (value: string): string =>
  value
    .replace(/[^\t\x20-\xff]/g, '?')
    .slice(0, 15_000)
    .trim();
