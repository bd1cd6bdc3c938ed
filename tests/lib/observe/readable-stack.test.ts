import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { readableStack } from '@/lib/observe/readable-stack';

const dir = join(mkdtempSync(join(tmpdir(), 'rollcall-stack-')), 'server', 'chunks');
mkdirSync(dir, { recursive: true });
const file = join(dir, 'one.js');
// All of the first line is from line 4, column 3 of the source.
const map = { version: 3, sources: ['../../../lib/one.ts'], names: [], mappings: 'AAGE' };
writeFileSync(`${file}.map`, JSON.stringify(map));

test('a place in what was built is told as the place in its source', () => {
  for (const place of [file, pathToFileURL(file).href])
    expect(readableStack(`Error: no\n    at fail (${place}:1:9)`)).toBe('Error: no\n    at fail (lib/one.ts:4:3)');
});

test('a place without a map, and what is no place, stay as they are', () => {
  const stack = `Error: /tmp/server/x.js\n    at fail (${join(dir, 'two.js')}:1:9)\n    at node:internal/process:3:4`;
  expect(readableStack(stack)).toBe(stack);
});
