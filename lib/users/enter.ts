import { and, eq, inArray } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { knownDevices } from '@/db/schema/factors';
import { type User, users } from '@/db/schema/users';
import { acrossTenants } from '@/db/tenant-wall';
import { asActor, type Origin } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { hashToken, newToken } from '@/lib/crypto/tokens';
import { noteActor } from '@/lib/observe/doing';
import type { LiveSession } from '@/lib/sessions/find';
import { endPrevious } from '@/lib/sessions/replace';
import { type SecondFactor, type SignInMethod, type StartedSession, startSession } from '@/lib/sessions/start';
import { rowOf } from './find';
import { placeOf, tell } from './tell';

/** A session as handed to the browser, with the token by which the browser is recognised later. */
export type Entered = StartedSession & { deviceToken: string | null };

type How = {
  method: SignInMethod;
  secondFactor?: SecondFactor;
  /** The end of the session as set by the identity provider. */
  notAfter?: Date | null;
  /** When the identity was proven, if before now. */
  authenticatedAt?: Date;
  /** The person has just chosen the password in this browser, so they need no mail about the sign-in. */
  expected?: true;
};

/**
 * The single point where a person who has proven their identity gets a session, which replaces the browser's previous one. A
 * half-open session is not a sign-in yet; that is recorded when the second factor is proven (`completeSignIn`).
 */
export async function enter(
  tx: Tx,
  now: Date,
  user: User,
  how: How,
  origin: Origin,
  previous: LiveSession | null,
): Promise<Entered> {
  noteActor({ tenantId: user.tenantId, actorId: user.id });
  await endPrevious(tx, now, previous, origin);
  return completeSignIn(tx, now, user, await startSession(tx, now, user, how, origin), how, origin);
}

/** Once the session is open: sets the last login, writes the audit entry, and mails the person if the browser is new. */
export async function completeSignIn(
  tx: Tx,
  now: Date,
  user: User,
  session: StartedSession,
  { method, secondFactor, expected }: How,
  origin: Origin,
): Promise<Entered> {
  if (session.standing !== 'open') return { ...session, deviceToken: null };
  await tx.update(users).set({ lastLoginAt: now, lastLoginMethod: method }).where(rowOf(user));
  const details = secondFactor ? { method, secondFactor } : { method };
  await record(tx, now, asActor(user, session.sessionId, origin), 'user.signed-in', user, details);
  const { deviceToken, isKnown } = await rememberDevice(tx, now, user, origin);
  if (!isKnown && !expected) await tell(tx, now, user, { kind: 'new-sign-in', method, from: placeOf(origin) });
  return { ...session, deviceToken };
}

/** A browser is recognised by its own token, which identifies nobody: several people may share it. */
async function rememberDevice(tx: Tx, now: Date, user: User, origin: Origin) {
  const deviceToken = origin.deviceToken ?? newToken();
  const device = { tenantId: user.tenantId, userId: user.id, tokenHash: hashToken(deviceToken) };
  const [seen] = await tx
    .insert(knownDevices)
    .values({ ...device, createdAt: now, lastSeenAt: now })
    .onConflictDoUpdate({
      target: [knownDevices.userId, knownDevices.tokenHash],
      set: { lastSeenAt: now },
      setWhere: eq(knownDevices.tenantId, device.tenantId),
    })
    .returning({ since: knownDevices.createdAt });
  return { deviceToken, isKnown: seen?.since.getTime() !== now.getTime() };
}

/** The ids of those people who have signed in from this browser before. */
export async function whomDeviceKnows(people: Pick<User, 'id'>[], { deviceToken }: Origin): Promise<Set<string>> {
  if (!deviceToken || people.length === 0) return new Set();
  const ids = people.map(({ id }) => id);
  const found = await acrossTenants(() =>
    db
      .select({ userId: knownDevices.userId })
      .from(knownDevices)
      .where(and(inArray(knownDevices.userId, ids), eq(knownDevices.tokenHash, hashToken(deviceToken)))),
  );
  return new Set(found.map(({ userId }) => userId));
}
