import { cookies, headers } from 'next/headers';
import { forbidden, redirect } from 'next/navigation';
import { cache } from 'react';
import { asActor, type Origin, type Role, type UserActor } from '@/lib/actor';
import { findSession, type LiveSession } from '@/lib/sessions/find';
import type { StartedSession } from '@/lib/sessions/start';
import { decodeSessionCookie, encodeSessionCookie, sessionCookieName, sessionCookieOptions } from './cookie';

/** Who asks, read from the database once in each request. Null for nobody, or for a session that is dead. */
export const currentSession = cache(async (): Promise<LiveSession | null> => {
  const token = await decodeSessionCookie((await cookies()).get(sessionCookieName())?.value);
  return token ? findSession(token) : null;
});

/** The second wall, behind the proxy: a page or action that reads this goes no further without somebody live. */
export async function requireSession(role?: Role): Promise<LiveSession> {
  const session = await currentSession();
  if (!session) redirect('/sign-in');
  if (role && session.role !== role) forbidden();
  return session;
}

export async function requireActor(role?: Role): Promise<UserActor> {
  const session = await requireSession(role);
  return actorOf(session, await currentOrigin());
}

export const actorOf = (session: LiveSession, origin: Origin): UserActor =>
  asActor(
    { id: session.userId, tenantId: session.tenantId, role: session.role, email: session.email },
    session.sessionId,
    origin,
  );

/** The server in front of the app has already made `x-forwarded-for` trustworthy: it is one address. */
export async function currentOrigin(): Promise<Origin> {
  const given = await headers();
  return { ip: given.get('x-forwarded-for')?.split(',')[0]?.trim() || null, userAgent: given.get('user-agent') };
}

export async function setSessionCookie(session: StartedSession): Promise<void> {
  (await cookies()).set(sessionCookieName(), await encodeSessionCookie(session.token), sessionCookieOptions());
}

export async function clearSessionCookie(): Promise<void> {
  (await cookies()).set(sessionCookieName(), '', { ...sessionCookieOptions(), maxAge: 0 });
}
