import { afterEach, describe, expect, test } from 'vitest';
import { choiceCookieName } from '@/app/(public)/sign-in/choice';
import {
  decodeSessionCookie,
  deviceCookieName,
  encodeSessionCookie,
  sessionCookieName,
  sessionCookieOptions,
} from '@/lib/auth/cookie';
import { newToken } from '@/lib/crypto/tokens';
import { env } from '@/lib/env';
import { bindingCookie, questionCookieOptions } from '@/lib/saml/ask';

const before = env().APP_URL;
afterEach(() => {
  env().APP_URL = before;
});

describe('over HTTPS', () => {
  test('every cookie is of this host alone, unread by scripts, and sent by no other site’s form', () => {
    env().APP_URL = 'https://rollcall.example';
    for (const name of [sessionCookieName(), deviceCookieName(), choiceCookieName(), bindingCookie('x', '/').name])
      expect(name).toMatch(/^__Host-rollcall-/);
    for (const options of [sessionCookieOptions(), questionCookieOptions()])
      expect(options).toMatchObject({ httpOnly: true, secure: true, sameSite: 'lax', path: '/' });
  });
});

test('on a laptop without it the names are plain: a browser would not take the others', () => {
  expect(sessionCookieName()).toBe('rollcall-session');
  expect(sessionCookieOptions().secure).toBe(false);
});

describe('browsers keep', () => {
  const length = ({ name, value }: { name: string; value: string }) => Buffer.byteLength(`${name}=${value}`);

  test('the session, which opens nothing when a letter is changed', async () => {
    const token = newToken();
    const value = await encodeSessionCookie(token);
    expect(length({ name: sessionCookieName(), value })).toBeLessThan(1000);
    expect(await decodeSessionCookie(value)).toBe(token);
    for (let at = 0; at < value.length - 2; at += 7) {
      const forged = `${value.slice(0, at)}${value[at] === 'A' ? 'B' : 'A'}${value.slice(at + 1)}`;
      expect(await decodeSessionCookie(forged)).toBeNull();
    }
  });

  test.each(['%'.repeat(1500), `/${'ä'.repeat(1499)}`, `/${'x'.repeat(100_000)}`, '/profile'])(
    'the question to a provider, wherever one wanted to go: %#',
    (next) => expect(length(bindingCookie(newToken(), next))).toBeLessThan(4096),
  );
});
