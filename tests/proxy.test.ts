import { NextRequest } from 'next/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { disconnect } from '@/db/client';
import { encodeSessionCookie, sessionCookieName } from '@/lib/auth/cookie';
import { env } from '@/lib/env';
import { proxy } from '@/proxy';
import { expectConsoleError } from './support/setup';

const real = env().DATABASE_URL;
beforeAll(async () => {
  await disconnect();
  env().DATABASE_URL = 'postgres://nobody:secret@127.0.0.1:1/nowhere';
});
afterAll(async () => {
  await disconnect();
  env().DATABASE_URL = real;
});

const ask = async (path: string, headers: Record<string, string> = {}) => {
  const cookie = `${sessionCookieName()}=${await encodeSessionCookie('a token')}`;
  return proxy(new NextRequest(`http://rollcall.test${path}`, { headers: { cookie, ...headers } }));
};

test('without its database the gate lets nobody in, and says so in a page', async () => {
  expectConsoleError(/The gate could not decide: .*ECONNREFUSED/);
  const answer = await ask('/administration/access/users');
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '30']);
  expect(await answer.text()).toContain('Try again in a minute');
  expect(answer.headers.get('set-cookie'), 'the session is kept').toBeNull();
});

test('an action is sent to its page, which says so', async () => {
  expectConsoleError(/The gate could not decide/);
  const answer = await ask('/profile', { 'next-action': 'x' });
  expect([answer.status, answer.headers.get('x-action-redirect')]).toEqual([503, '/profile;replace']);
});
