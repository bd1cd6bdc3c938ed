import { and, eq, gt } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { newId } from '@/db/id';
import { passkeys, totpEnrolments, totpFactors } from '@/db/schema/factors';
import type { User } from '@/db/schema/users';
import type { UserActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, type Outcome, refuse } from '@/lib/outcome';
import type { Standing } from '@/lib/sessions/find';
import { raiseSession, type SecondFactor, type StartedSession } from '@/lib/sessions/start';
import { completeSignIn, type Entered } from '@/lib/users/enter';
import { ownDeed } from '@/lib/users/own-deed';
import { placeOf, tell } from '@/lib/users/tell';
import { passkeyName, passkeysOf, settleFactors, TOTP_NAME, totpOf } from './factors';
import { type PasskeyAnswer, verifyRegistration } from './passkeys';
import { makeRecoveryCodes } from './recovery-codes';
import { newTotpSecret, sealTotp, totpStep, unsealTotp } from './totp';

/**
 * Setting up a second factor. A factor exists only once it has been used correctly. The first one comes with the recovery codes.
 * A person who enrols during sign-in, because the tenant requires it, is signed in by it.
 */
const SHOWN_MINUTES = 60;
const ENROLLING = { recent: true, standings: ['open', 'enrolment'] } as const;

/** Only for people with a password: for a person who signs in only by the provider, a passkey would bypass the provider. */
const enrolling = <T, R extends string>(
  actor: UserActor,
  deed: (tx: Tx, now: Date, user: User, at: Standing) => Promise<Outcome<T, R>>,
) =>
  ownDeed<T, R | 'no-password'>(
    actor,
    async (tx, now, user, at) => (user.passwordHash === null ? refuse('no-password') : deed(tx, now, user, at)),
    ENROLLING,
  );

/** `session` goes to the browser. `codes` are shown once, and only with the first factor. */
type Enrolled = { session: Entered | null; codes: string[] };

/** Creates a new secret to show in this session. Nothing is set up yet. */
export const startTotp = (actor: UserActor) =>
  enrolling(actor, async (tx, now, user) => {
    if (await hasTotp(tx, user)) return refuse('totp-there');
    const fresh = { secretSealed: sealTotp(newTotpSecret()), createdAt: now };
    await tx
      .insert(totpEnrolments)
      .values({ sessionId: actor.sessionId, ...fresh })
      .onConflictDoUpdate({ target: totpEnrolments.sessionId, set: fresh });
    return done({});
  });

const hasTotp = async (tx: Tx, user: User) =>
  (await tx.select({ at: totpFactors.createdAt }).from(totpFactors).where(totpOf(user))).length > 0;

/** The secret shown in this session; null if there is none, or if it was created more than SHOWN_MINUTES ago. */
export async function shownTotpSecret(sessionId: string, on: Tx | typeof db = db, now = new Date()) {
  const [row] = await on
    .select({ secretSealed: totpEnrolments.secretSealed })
    .from(totpEnrolments)
    .where(
      and(
        eq(totpEnrolments.sessionId, sessionId),
        gt(totpEnrolments.createdAt, new Date(now.getTime() - SHOWN_MINUTES * 60_000)),
      ),
    );
  return row ? unsealTotp(row.secretSealed) : null;
}

/** Completes the set-up by a correct code, which is spent with it. */
export const finishTotp = (actor: UserActor, input: { code: string }) =>
  enrolling(actor, async (tx, now, user, at) => {
    const secret = await shownTotpSecret(actor.sessionId, tx, now);
    if (secret === null) return refuse('enrolment-over');
    const step = await totpStep(secret, input.code.replace(/\s/g, ''), now);
    if (step === null) return refuse('wrong-code');
    const made = await tx
      .insert(totpFactors)
      .values({
        tenantId: user.tenantId,
        userId: user.id,
        secretSealed: sealTotp(secret),
        lastStep: step,
        createdAt: now,
        lastUsedAt: now,
      })
      .onConflictDoNothing()
      .returning({ at: totpFactors.createdAt });
    if (made.length === 0) return refuse('totp-there');
    await tx.delete(totpEnrolments).where(eq(totpEnrolments.sessionId, actor.sessionId));
    return enrolled(tx, now, actor, user, { factor: 'totp', name: TOTP_NAME, at });
  });

const MOST_PASSKEYS = 20;

export const addPasskey = (actor: UserActor, input: { name: string; answer: PasskeyAnswer }) =>
  enrolling(actor, async (tx, now, user, at) => {
    const credential = await verifyRegistration(tx, now, input.answer, actor.sessionId);
    if (!credential) return refuse('passkey-refused');
    const own = await tx.select({ id: passkeys.id }).from(passkeys).where(passkeysOf(user));
    if (own.length >= MOST_PASSKEYS) return refuse('passkeys-many');
    const made = await tx
      .insert(passkeys)
      .values({
        id: newId(now),
        tenantId: user.tenantId,
        userId: user.id,
        name: input.name,
        ...credential,
        createdAt: now,
      })
      .onConflictDoNothing()
      .returning({ id: passkeys.id });
    if (made.length === 0) return refuse('passkey-refused');
    return enrolled(tx, now, actor, user, { factor: 'passkey', name: passkeyName(input.name), at });
  });

type New = { factor: SecondFactor; name: string; at: Standing };

/**
 * Common steps for a new factor: the audit entry, the mail, recovery codes for the first one, and a session that has proven it.
 */
async function enrolled(tx: Tx, now: Date, actor: UserActor, user: User, { factor, name, at }: New) {
  const first = !user.mfaEnabled;
  await settleFactors(tx, user);
  const codes = first ? await makeRecoveryCodes(tx, now, user) : [];
  await record(tx, now, actor, 'second-factor.added', user, { factor: name });
  await tell(tx, now, user, { kind: 'factor-added', factor: name, from: placeOf(actor.origin) });

  const raised = await raiseSession(tx, now, actor, { secondFactor: factor });
  if (!raised) return refuse('signed-out');
  const session =
    at === 'enrolment' ? await signedInBy(tx, now, actor, user, raised, factor) : { ...raised, deviceToken: null };
  return done<Enrolled>({ session, codes });
}

const signedInBy = (
  tx: Tx,
  now: Date,
  { origin }: UserActor,
  user: User,
  raised: StartedSession,
  secondFactor: SecondFactor,
) =>
  completeSignIn(
    tx,
    now,
    user,
    raised,
    // A person who has just accepted an invitation needs no mail about the sign-in.
    { method: 'password', secondFactor, ...(user.lastLoginAt === null ? { expected: true } : {}) },
    origin,
  );

/** Creates ten new codes. The old ones stop working. */
export const renewRecoveryCodes = (actor: UserActor) =>
  ownDeed(
    actor,
    async (tx, now, user) => {
      if (!user.mfaEnabled) return refuse('no-factor');
      const codes = await makeRecoveryCodes(tx, now, user);
      await record(tx, now, actor, 'recovery-codes.made', user, {});
      await tell(tx, now, user, { kind: 'recovery-codes-made', from: placeOf(actor.origin) });
      return done({ codes });
    },
    { recent: true },
  );
