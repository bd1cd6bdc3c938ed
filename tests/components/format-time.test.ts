import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { invitationStatus, invitationStatusUntil } from '@/app/administration/access/users/invitation-status';
import { ownPath } from '@/app/own-path';
import { dateTime, exactTime, relativeTime, relativeTimeUntil, startOfDay } from '@/components/format-time';

const NOW = new Date('2026-11-24T12:00:00Z');
const HOUR = 3_600_000;
const after = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

test.each([
  [0, 'just now'],
  [-59, 'just now'],
  [-60, '1 minute ago'],
  [-3600, '1 hour ago'],
  [-86_400 * 3, '3 days ago'],
  [-86_400 * 40, '1 month ago'],
  [-86_400 * 800, '2 years ago'],
  [7200, 'in 2 hours'],
])('%i seconds from now is “%s”', (seconds, words) => {
  expect(relativeTime(after(seconds), NOW)).toBe(words);
});

test('an instant is shown in the reader’s zone', () => {
  expect(dateTime(NOW, 'Asia/Kolkata')).toBe('24 Nov 2026, 17:30');
  expect(exactTime(NOW, 'Europe/Berlin')).toMatch(/Tue, 24 Nov 2026.*13:00:00 (CET|GMT\+1)/);
});

test.each([
  ['2026-11-25', 'UTC', '2026-11-25T00:00:00Z'],
  ['2026-11-25', 'Asia/Kolkata', '2026-11-24T18:30:00Z'],
  ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00Z'],
  ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00Z'],
  // The clock is put forward over midnight, west of Greenwich and east of it.
  ['2026-09-06', 'America/Santiago', '2026-09-06T04:00:00Z'],
  ['2026-03-08', 'America/Havana', '2026-03-08T05:00:00Z'],
  ['2026-03-29', 'Asia/Beirut', '2026-03-28T22:00:00Z'],
  // It is put back over midnight: to the day before, and to midnight once more.
  ['2026-04-05', 'America/Santiago', '2026-04-05T04:00:00Z'],
  ['2026-10-25', 'Atlantic/Azores', '2026-10-25T00:00:00Z'],
])('the day %s begins in %s at %s', (day, zone, instant) => {
  expect(startOfDay(day, zone)).toEqual(new Date(instant));
  const dayAt = (at: number) => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(at);
  const begins = Date.parse(instant);
  expect([dayAt(begins - 1) < day, dayAt(begins)]).toEqual([true, day]);
});

test.each([
  [null, 'Invitation revoked'],
  [-1, 'Invitation expired'],
  [30, 'Invited · expires in 1 min'],
  [3599, 'Invited · expires in 59 min'],
  [22 * 3600 + 5, 'Invited · expires in 22 h'],
  [72 * 3600, 'Invited · expires in 3 d'],
])('an invitation that ends in %s seconds is “%s”', (seconds, words) => {
  expect(invitationStatus(seconds === null ? null : after(seconds), NOW).words).toBe(words);
});

describe('where a link may lead', () => {
  test.each(['/', '/profile', '/administration/access/users?q=a%20b&size=25', '/a//b'])('%s', (path) => {
    expect(ownPath(path, '/fallback')).toBe(path);
  });
  test.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/a\nb',
    '',
    null,
    7,
    '/\t/evil.example',
  ])('not %s', (path) => {
    expect(ownPath(path, '/fallback')).toBe('/fallback');
  });
});

describe('words about time stay as they are until the moment that is said, and no longer', () => {
  const ages = fc.oneof(fc.nat({ max: 120_000 }), fc.nat({ max: 50 * HOUR }), fc.nat({ max: 900 * 24 * HOUR }));

  test('of a time that is past', () => {
    fc.assert(
      fc.property(ages, fc.double({ min: 0, max: 0.999_999, noNaN: true }), (age, share) => {
        const at = new Date(NOW.getTime() - age);
        const until = relativeTimeUntil(at, NOW);
        expect(until).toBeGreaterThan(NOW.getTime());
        const between = new Date(NOW.getTime() + Math.floor(share * (until - NOW.getTime())));
        expect(relativeTime(at, between)).toBe(relativeTime(at, NOW));
        expect(relativeTime(at, new Date(until))).not.toBe(relativeTime(at, NOW));
      }),
      { numRuns: 2000 },
    );
  });

  test('of an invitation', () => {
    fc.assert(
      fc.property(ages, fc.double({ min: 0, max: 0.999_999, noNaN: true }), (left, share) => {
        const expiresAt = new Date(NOW.getTime() + left);
        const words = (now: Date) => invitationStatus(expiresAt, now).words;
        const until = invitationStatusUntil(expiresAt, NOW);
        fc.pre(left > 0);
        const between = new Date(NOW.getTime() + Math.floor(share * (until - NOW.getTime())));
        expect(words(between)).toBe(words(NOW));
        expect(words(new Date(until))).not.toBe(words(NOW));
      }),
      { numRuns: 2000 },
    );
  });
});
