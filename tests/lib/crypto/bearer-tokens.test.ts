import { expect, test } from 'vitest';
import { bearerHash, newBearer } from '@/lib/crypto/bearer-tokens';

test('a token is known again by its header, in any case of the scheme', () => {
  const { token, hash, hint } = newBearer('apiKey');
  expect(token).toMatch(/^rckey_[\w-]{43}_[0-9a-f]{6}$/);
  expect(bearerHash('apiKey', `Bearer ${token}`)).toBe(hash);
  expect(bearerHash('apiKey', `bearer  ${token}`)).toBe(hash);
  expect(token).not.toContain(hint);
  expect(hash).not.toContain(token.slice(6, 20));
});

test('what is mistyped, of another kind or no bearer is none', () => {
  const { token } = newBearer('apiKey');
  const mistyped = token.replace(/_(.)/, (_, first: string) => `_${first === 'A' ? 'B' : 'A'}`);
  for (const header of [
    null,
    '',
    token,
    `Basic ${token}`,
    `Bearer ${mistyped}`,
    `Bearer ${token}x`,
    `Bearer ${token} x`,
  ])
    expect(bearerHash('apiKey', header)).toBeNull();
  expect(bearerHash('scim', `Bearer ${token}`)).toBeNull();
});
