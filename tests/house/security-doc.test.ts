import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const text = readFileSync('docs/security.md', 'utf8');
/** A path, and the names of tests (or words of the code) that are quoted behind it. */
const CITED = /`((?:[\w[\]().-]+\/)*[\w[\].-]+\.(?:tsx?|mjs|md|yml))`((?:,? “[^”]+”)*)/g;
const cited = [...text.matchAll(CITED)].map(([, path = '', quoted = '']) => ({
  path,
  quotes: [...quoted.matchAll(/“([^”]+)”/g)].map(([, quote = '']) => quote),
}));

test('what docs/security.md names is there', () => {
  expect(cited.length).toBeGreaterThan(90);
  expect(cited.filter(({ path }) => !existsSync(path)).map(({ path }) => path)).toEqual([]);
  const missing = cited.flatMap(({ path, quotes }) => {
    const content = existsSync(path) ? readFileSync(path, 'utf8') : '';
    return quotes.filter((quote) => !content.includes(quote)).map((quote) => `${path}: ${quote}`);
  });
  expect(missing).toEqual([]);
  expect(cited.flatMap(({ quotes }) => quotes).length).toBe((text.match(/“/g) ?? []).length);
});

test('every line of docs/security.md says whether it is met', () => {
  const rows = text.split('\n').filter((line) => /^\|.*\|.*\|.*\|.*\|/.test(line) && !/^\|(?:---| must )/.test(line));
  expect(rows.length).toBeGreaterThan(40);
  expect(rows.filter((row) => !/ \| (?:met|partly|no) \| /.test(row))).toEqual([]);
});
