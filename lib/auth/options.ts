import type { AuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import { z } from 'zod';
import { env } from '@/lib/env';
import { findSession } from '@/lib/sessions/find';
import { emailField, passwordField } from '@/lib/users/fields';
import { openToken, sessionCookieName, sessionCookieOptions } from './cookie';
import { actorOf, currentOrigin, currentSession } from './current-actor';
import { signOut } from './own-account';
import { signInByPassword } from './sign-in';

const credentials = z.object({ email: emailField, password: passwordField });

/**
 * next-auth as the session layer: its encrypted cookie carries `sid`, the token of a session row. Its own endpoints use the
 * same commands as our pages, so the same limits, rows and audit entries apply.
 */
export const authOptions = (): AuthOptions => ({
  secret: env().AUTH_SECRET,
  session: { strategy: 'jwt', maxAge: sessionCookieOptions().maxAge },
  jwt: { decode: ({ token }) => openToken(token) },
  cookies: { sessionToken: { name: sessionCookieName(), options: sessionCookieOptions() } },
  pages: { signIn: '/sign-in', error: '/sign-in' },
  providers: [
    CredentialsProvider({
      credentials: { email: { type: 'email' }, password: { type: 'password' } },
      async authorize(given) {
        const parsed = credentials.safeParse(given);
        if (!parsed.success) return null;
        const outcome = await signInByPassword(parsed.data, await currentOrigin(), await currentSession());
        // A person in several tenants must choose on the page: this endpoint cannot ask.
        return outcome.ok && 'session' in outcome.value ? { id: outcome.value.session.token } : null;
      },
    }),
  ],
  callbacks: {
    jwt: ({ token, user }) => (user ? { sid: user.id } : { sid: token.sid }),
    async session({ token }) {
      const live = typeof token.sid === 'string' ? await findSession(token.sid) : null;
      if (live?.standing !== 'open') return { expires: new Date(0).toISOString() };
      return { user: { name: live.email, email: live.email }, expires: new Date(Date.now() + 60_000).toISOString() };
    },
  },
  events: {
    async signOut({ token }) {
      const live = typeof token.sid === 'string' ? await findSession(token.sid) : null;
      if (live) await signOut(actorOf(live, await currentOrigin()));
    },
  },
});
