import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SLUG } from '@/lib/tenants/create';

test('no tenant is called as a page that stands beside its own sign-in page', () => {
  const beside = readdirSync('app/(public)/sign-in', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('['))
    .map(({ name }) => name);
  expect(beside).toContain('connect');
  expect(beside.filter((name) => SLUG.test(name))).toEqual([]);
});
