'use server';

import { cookies } from 'next/headers';
import { z } from 'zod';
import { publicAction } from '@/app/form-action';
import { ownPath } from '@/app/own-path';
import { sessionCookieOptions } from '@/lib/auth/cookie';
import { currentSession, setSessionCookie } from '@/lib/auth/current-actor';
import { signInByPassword, signInToTenant } from '@/lib/auth/sign-in';
import { emailField, idField, passwordField } from '@/lib/users/fields';
import { CHOICE_COOKIE, CHOICE_PATH } from './choice';

const credentials = z.object({ email: emailField, password: passwordField, next: z.string().optional() });

export const signInAction = publicAction(
  credentials,
  async (origin, input) => signInByPassword(input, origin, await currentSession()),
  async (value, { next }) => {
    if ('session' in value) {
      await setSessionCookie(value.session);
      return ownPath(next, '/');
    }
    const cookie = {
      ...sessionCookieOptions(),
      path: CHOICE_PATH,
      maxAge: 600,
      name: CHOICE_COOKIE,
      value: value.ticket,
    };
    (await cookies()).set(cookie);
    return `${CHOICE_PATH}?next=${encodeURIComponent(ownPath(next, '/'))}`;
  },
);

const choice = z.object({ tenantId: idField, next: z.string().optional() });

export const chooseTenantAction = publicAction(
  choice,
  async (origin, { tenantId }) => {
    const ticket = (await cookies()).get(CHOICE_COOKIE)?.value;
    return signInToTenant({ ticket, tenantId }, origin, await currentSession());
  },
  async ({ session }, { next }) => {
    await setSessionCookie(session);
    (await cookies()).set({ name: CHOICE_COOKIE, value: '', path: CHOICE_PATH, maxAge: 0 });
    return ownPath(next, '/');
  },
);
