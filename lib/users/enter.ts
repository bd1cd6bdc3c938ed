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

/** A session as it is handed to the browser, which also keeps that it was used before. */
export type Entered = StartedSession & { deviceToken: string | null };

type How = {
  method: SignInMethod;
  secondFactor?: SecondFactor;
  /** When whoever proved it wants the session to be over. */
  notAfter?: Date | null;
  /** When they proved it, where that was before now. */
  authenticatedAt?: Date;
  /** The person has just chosen the password in this browser, so a mail about it would tell them nothing. */
  expected?: true;
};

/**
 * The single point where somebody who has proven who they are gets a session, in place of the one that the browser had.
 * Half-open, it is no sign-in yet: that is noted when the second factor is proven (`completeSignIn`).
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

/** Once it is open: last login, the entry, and a mail where the browser is a new one. */
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

/** A browser is known by a token of its own, which names nobody: several people may share it. */
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

/** Which of these people have signed in from this browser before, by their ids. */
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
