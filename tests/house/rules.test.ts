import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RULES } from '../rules';

test('each rule stands where it is said to, so that taking it out takes something out', () => {
  const lost = RULES.filter(({ file, take }) => !existsSync(file) || !readFileSync(file, 'utf8').includes(take));
  expect(lost.map(({ rule, file }) => `${rule} (${file})`)).toEqual([]);
});

test('each has a test, a name of its own, and something else in its place', () => {
  expect(RULES.filter(({ test }) => !existsSync(test)).map(({ rule, test }) => `${rule} (${test})`)).toEqual([]);
  expect(RULES.filter(({ take, leave }) => take === leave)).toEqual([]);
  expect(RULES.length - new Set(RULES.map(({ rule }) => rule)).size).toBe(0);
});
