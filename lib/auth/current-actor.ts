import { cookies, headers } from 'next/headers';
import { forbidden, redirect } from 'next/navigation';
import { cache } from 'react';
import { speakFor } from '@/db/tenant-wall';
import { asActor, type Origin, originOf, type Role, type UserActor } from '@/lib/actor';
import { findSession, type LiveSession, type Standing } from '@/lib/sessions/find';
import { passageNow } from '@/lib/sessions/passage';
import {
  DEVICE_SECONDS,
  decodeSessionCookie,
  deviceCookieName,
  encodeSessionCookie,
  sessionCookieName,
  sessionCookieOptions,
} from './cookie';
import { PROOF_PATHS } from './proof-paths';

/** The session of this request, read from the database once per request. Null without a live session. */
export const currentSession = cache(async (): Promise<LiveSession | null> => {
  const token = await decodeSessionCookie((await cookies()).get(sessionCookieName())?.value);
  if (!token) return null;
  const read = passageNow()?.session;
  return read?.token === token ? read.found : findSession(token);
});

/** The second access check, behind the proxy: a page or action that calls this needs a live, open session. */
export async function requireSession(role?: Role): Promise<LiveSession> {
  const session = await requireProven();
  if (session.standing !== 'open') redirect(PROOF_PATHS[session.standing]);
  if (role && session.role !== role) forbidden();
  speakFor(session.tenantId);
  return session;
}

/** For pages before a session is open. Redirects a session in another standing to where it continues. */
export async function requireStanding(standings: readonly Standing[], next: string): Promise<LiveSession> {
  const session = await requireProven();
  if (standings.includes(session.standing)) return session;
  redirect(session.standing === 'open' ? next : PROOF_PATHS[session.standing]);
}

/** A live session, whatever still has to be proven. */
export async function requireProven(): Promise<LiveSession> {
  return (await currentSession()) ?? redirect('/sign-in');
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

export const currentOrigin = async (): Promise<Origin> => ({
  ...originOf(await headers()),
  deviceToken: (await cookies()).get(deviceCookieName())?.value.slice(0, 100) ?? null,
});

/** The `deviceToken` cookie outlives the session, so that a later sign-in from this browser does not count as new. */
export async function setSessionCookie(session: { token: string; deviceToken?: string | null }): Promise<void> {
  const jar = await cookies();
  jar.set(sessionCookieName(), await encodeSessionCookie(session.token), sessionCookieOptions());
  if (session.deviceToken)
    jar.set(deviceCookieName(), session.deviceToken, { ...sessionCookieOptions(), maxAge: DEVICE_SECONDS });
}

export async function clearSessionCookie(): Promise<void> {
  (await cookies()).set(sessionCookieName(), '', { ...sessionCookieOptions(), maxAge: 0 });
}
