'use server';

import { cookies } from 'next/headers';
import { z } from 'zod';
import { enterBrowser } from '@/app/enter';
import { publicAction } from '@/app/form-action';
import { ownPath } from '@/app/own-path';
import type { PasskeyQuestion } from '@/app/passkey-form';
import { sessionCookieOptions } from '@/lib/auth/cookie';
import { currentOrigin, currentSession } from '@/lib/auth/current-actor';
import { adminsToAsk } from '@/lib/auth/gate';
import { askForPasskey, signInByPasskey } from '@/lib/auth/passkey-sign-in';
import { CHOICE_MINUTES, signInByPassword, signInToTenant } from '@/lib/auth/sign-in';
import { passkeyAnswerField } from '@/lib/mfa/passkeys';
import { done } from '@/lib/outcome';
import { arrive } from '@/lib/saml/arrive';
import { questionCookieOptions } from '@/lib/saml/ask';
import { findProviderOf } from '@/lib/saml/domains';
import { personWords } from '@/lib/saml/reasons';
import { SLUG } from '@/lib/tenants/create';
import { emailField, idField, passwordField, tokenField } from '@/lib/users/fields';
import { REFUSALS } from '@/lib/users/refusals';
import { CHOICE_PATH, choiceCookieName } from './choice';

const credentials = z.object({ email: emailField, password: passwordField, next: z.string().optional() });

export const signInAction = publicAction(
  credentials,
  async (origin, input) => signInByPassword(input, origin, await currentSession()),
  async (value, { next }) => {
    if ('session' in value) return enterBrowser(value.session, next);
    const cookie = {
      ...sessionCookieOptions(),
      maxAge: CHOICE_MINUTES * 60,
      name: choiceCookieName(),
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
    const ticket = (await cookies()).get(choiceCookieName())?.value;
    return signInToTenant({ ticket, tenantId }, origin, await currentSession());
  },
  async ({ session }, { next }) => {
    (await cookies()).set({ ...sessionCookieOptions(), name: choiceCookieName(), value: '', maxAge: 0 });
    return enterBrowser(session, next);
  },
);

const tenantSlug = z.string().trim().toLowerCase().regex(SLUG);

/**
 * Finds the organisation by the domain of an e-mail address, which reveals who claimed the domain but nothing about the
 * account. Or takes the slug from the organisation's sign-in URL as it is, whether or not it exists.
 */
export const continueWithSsoAction = publicAction(
  z.object({ email: z.union([tenantSlug, emailField]), next: z.string().optional() }),
  async (_, { email }) => (email.includes('@') ? findProviderOf(email) : done({ slug: email })),
  ({ slug }, { next }) => `/sign-in/${slug}?next=${encodeURIComponent(ownPath(next, '/'))}`,
);

/** A refusal gives its reason and the admins to ask, since the provider has proven who the person is. */
export const finishAction = publicAction(
  z.object({ arrival: tokenField }),
  async (origin, { arrival }) => arrive(arrival, await cookies(), origin, await currentSession()),
  async (value) => {
    if ('refused' in value) {
      const admins = value.tenantId ? await adminsToAsk(value.tenantId) : [];
      const ask = admins.length > 0 ? ` These people can help you: ${admins.join(', ')}.` : '';
      return { status: 'refused', message: `${personWords(value.refused)}${ask}` };
    }
    (await cookies()).set({ ...questionCookieOptions(), name: value.cookie, value: '', maxAge: 0 });
    return enterBrowser(value.session, value.next);
  },
);

export async function askForPasskeyQuestion(): Promise<PasskeyQuestion> {
  const outcome = await askForPasskey(await currentOrigin());
  return outcome.ok ? { get: outcome.value.options } : { refused: REFUSALS[outcome.refusal] };
}

export const signInByPasskeyAction = publicAction(
  z.object({ answer: passkeyAnswerField, next: z.string().optional() }),
  async (origin, input) => signInByPasskey(input, origin, await currentSession()),
  ({ session }, { next }) => enterBrowser(session, next),
);
