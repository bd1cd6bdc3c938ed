import { describe, expect, test } from 'vitest';
import { invitationStatus } from '@/app/administration/access/users/invitation-status';
import { ownPath } from '@/app/own-path';
import { dateTime, exactTime, relativeTime } from '@/components/format-time';

const NOW = new Date('2026-11-24T12:00:00Z');
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
