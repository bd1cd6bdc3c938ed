import { DOMParser } from '@xmldom/xmldom';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowsHtml } from '@/app/administration/access/users/row-html';
import type { UserRow } from '@/app/administration/access/users/user-row';

const ID = '01900000-0000-7000-8000-000000000000';
const LOGIN: UserRow[8] = ['2026-11-24T12:00:00.000Z', 'Tue, 24 Nov 2026, 12:00:00 UTC', '1 day ago', 'SAML'];
const row = (change: Partial<Record<number, unknown>> = {}): UserRow =>
  Object.assign([ID, 'ada@acme.example', 'Ada', 'Lovelace', null, true, false, true, LOGIN], change) as UserRow;

const parse = (html: string) => {
  const xml = `<table>${html.replace(/<input ([^>]*)>/g, '<input $1/>')}</table>`;
  const errorHandler = (_: string, message: string) => {
    throw new Error(message);
  };
  const document = new DOMParser({ errorHandler }).parseFromString(xml, 'text/xml');
  return Array.from(document.getElementsByTagName('*'));
};
const named = (elements: ReturnType<typeof parse>, name: string) => elements.filter(({ tagName }) => tagName === name);

test('a row shows each column in its words', () => {
  const words = (change = {}) => named(parse(rowsHtml([row(change)], '/users')), 'td').map((cell) => cell.textContent);
  expect(words()).toEqual([
    '',
    'ada@acme.example',
    'Ada',
    'Lovelace',
    '✓ Yes',
    '✓ Yes',
    'No',
    '✓ Yes',
    '1 day agoSAML',
  ]);
  expect(words({ 4: ['neutral', 'Deactivated'], 5: null, 8: null }).slice(4)).toEqual([
    'Deactivated',
    'n/a',
    'No',
    '✓ Yes',
    'Never',
  ]);
});

test('nothing that a person can be called becomes markup', () => {
  const shape = parse(rowsHtml([row()], '/users')).map(({ tagName }) => tagName);
  const name = fc.oneof(
    fc.constantFrom(
      '<script>alert(1)</script>',
      '" onmouseover="x',
      "' autofocus='",
      '</td></tr>',
      '&lt;',
      '&amp;quot;',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((text) => /^[^\p{Cc}\p{Cs}\p{Cn}]*$/u.test(text)),
    fc.stringMatching(/^[<>"'&=a/; ]{1,30}$/),
  );
  fc.assert(
    fc.property(name, name, name, (email, firstName, lastName) => {
      const elements = parse(rowsHtml([row({ 1: email, 2: firstName, 3: lastName })], '/users'));
      expect(elements.map(({ tagName }) => tagName)).toEqual(shape);
      const cells = named(elements, 'td');
      expect(cells.slice(1, 4).map((cell) => cell.textContent)).toEqual([email, firstName, lastName]);
      expect(named(elements, 'input')[0]?.getAttribute('aria-label')).toBe(`Select ${email}`);
      expect(cells.flatMap((cell) => Array.from(cell.attributes, ({ name }) => name))).not.toContain('onmouseover');
      if (email.length > 20) expect(named(elements, 'a')[0]?.getAttribute('title')).toBe(email);
    }),
    { numRuns: 300 },
  );
});
