import { afterEach, expect, test, vi } from 'vitest';
import { decodeSessionCookie, encodeSessionCookie } from '@/lib/auth/cookie';

const DAY = 86_400_000;

afterEach(() => {
  vi.useRealTimers();
});

test('a cookie says the same each time, and nothing once it is too old, however often it was read', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const cookie = await encodeSessionCookie('a token');
  for (let i = 0; i < 3; i++) expect(await decodeSessionCookie(cookie)).toBe('a token');
  vi.advanceTimersByTime(29 * DAY);
  expect(await decodeSessionCookie(cookie)).toBe('a token');
  vi.advanceTimersByTime(2 * DAY);
  expect(await decodeSessionCookie(cookie)).toBeNull();
});

test('one that was tampered with is nobody’s, also beside the true one', async () => {
  const cookie = await encodeSessionCookie('a token');
  expect(await decodeSessionCookie(cookie)).toBe('a token');
  expect(await decodeSessionCookie(`${cookie.slice(0, -4)}AAAA`)).toBeNull();
});
