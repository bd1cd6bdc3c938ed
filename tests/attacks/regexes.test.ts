import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from 'recheck';
import { expect, test } from 'vitest';
import { parseBatch } from '@/lib/invitations/parse-batch';

/** Where a regular expression may stand in our sources, and what it looks like. */
const LITERAL =
  /(?<=(?:[(=,:!&|?{};[>]|return|\n)\s*)\/(?![*/])((?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/g;

/** These read files of ours, and nothing that anybody sends. */
const TOOLS = /^scripts\/(?:check-image|dockerfile)\.ts$/;

const isExpression = (source: string, flags: string) => {
  try {
    return Boolean(new RegExp(source, flags));
  } catch {
    return false;
  }
};

const found = ['app', 'components', 'db', 'lib', 'scripts']
  .flatMap((room) => readdirSync(room, { recursive: true, encoding: 'utf8' }).map((file) => join(room, file)))
  .concat('proxy.ts')
  .filter((file) => /\.(?:tsx?|mjs)$/.test(file))
  .flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(LITERAL)].map(([, source = '', flags = '']) => ({ file, source, flags })),
  )
  .filter(({ file, source, flags }) => !TOOLS.test(file) && isExpression(source, flags));

test('no regular expression of ours takes long over any text', { timeout: 180_000 }, async () => {
  expect(found.length).toBeGreaterThan(150);
  const slow: unknown[] = [];
  for (const { file, source, flags } of found) {
    const { status, ...verdict } = await check(source, flags, { timeout: 20_000 });
    if (status === 'vulnerable') slow.push({ file, source, ...('complexity' in verdict ? verdict.complexity : {}) });
  }
  expect(slow).toEqual([]);
});

test('a pasted list of a megabyte is read in time, whatever is in it', () => {
  const n = 1_000_000;
  for (const riddle of [
    `,${'<'.repeat(n)}@`,
    `a${' '.repeat(n)}b`,
    `"${' '.repeat(n)}"`,
    `"a"${' '.repeat(n)}<`,
    '"'.repeat(n),
    ',"'.repeat(n / 2),
    '@'.repeat(n),
    '\r'.repeat(n),
    '-'.repeat(n),
  ]) {
    const began = performance.now();
    parseBatch(riddle);
    expect([riddle.slice(0, 4), performance.now() - began < 3_000]).toEqual([riddle.slice(0, 4), true]);
  }
});
