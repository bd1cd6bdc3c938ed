import { expect, test } from 'vitest';
import { db } from '@/db/client';
import { rateLimits } from '@/db/schema/rate-limits';
import { clear, take } from '@/lib/rate-limit';
import { race } from '../support/race';

const LIMIT = { name: 'test', tries: 5, windowSeconds: 60 };

test('so many tries pass in a window, counted exactly also at the same moment', async () => {
  const answers = await race(Array.from({ length: 12 }, () => () => take(LIMIT, 'Somebody')));
  expect(answers.filter((answer) => answer === 0)).toHaveLength(5);
  expect(await take(LIMIT, 'SOMEBODY')).toBeGreaterThan(0);
  expect(await take(LIMIT, 'somebody else')).toBe(0);
  expect(await take({ ...LIMIT, name: 'other' }, 'Somebody')).toBe(0);
});

test('the next window begins anew, and so does who has proven themself', async () => {
  for (let i = 0; i < 6; i++) await take(LIMIT, 'late');
  expect(await take(LIMIT, 'late', new Date(Date.now() + 61_000))).toBe(0);
  for (let i = 0; i < 6; i++) await take(LIMIT, 'proven');
  await clear([LIMIT, 'PROVEN']);
  expect(await take(LIMIT, 'proven')).toBe(0);
});

test('a window that a wrong clock began, days ahead, keeps nobody out', async () => {
  for (let i = 0; i < 6; i++) await take(LIMIT, 'hasty', new Date(Date.now() + 10 * 86_400_000));
  expect(await take(LIMIT, 'hasty')).toBe(0);
});

test('an IPv6 address counts as the network that its holder has', async () => {
  for (let i = 0; i < 5; i++) expect(await take(LIMIT, `2001:db8:1:2:${i}::7`)).toBe(0);
  expect(await take(LIMIT, '2001:0DB8:0001:0002:ffff:1:2:3')).toBe(1);
  expect(await take(LIMIT, '2001:db8:1:3::7')).toBe(0);
  for (let i = 0; i < 5; i++) expect(await take(LIMIT, `fe80::${i}%eth0`)).toBe(0);
  expect(await take(LIMIT, 'fe80::1')).toBe(1);
});

test('an IPv4 address counts alone, also in IPv6 clothes', async () => {
  for (let i = 0; i < 6; i++) expect(await take(LIMIT, `::ffff:192.0.2.${i}`)).toBe(0);
  for (let i = 0; i < 6; i++) expect(await take(LIMIT, `198.51.100.${i}`)).toBe(0);
});

test('nobody’s address stands in the table', async () => {
  await take(LIMIT, 'ada@acme.example');
  expect(JSON.stringify(await db.select().from(rateLimits))).not.toContain('ada@');
});
