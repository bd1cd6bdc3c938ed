import { and, lt } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { totpFactors } from '@/db/schema/factors';
import type { User } from '@/db/schema/users';
import { transaction } from '@/db/transaction';
import { systemActor, type UserActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { countedSignIn } from '@/lib/observe/sign-ins';
import { done, refuse } from '@/lib/outcome';
import { clear, LIMITS, take } from '@/lib/rate-limit';
import { raiseSession, type SecondFactor } from '@/lib/sessions/start';
import { completeSignIn } from '@/lib/users/enter';
import { lockUser } from '@/lib/users/find';
import { ownDeed } from '@/lib/users/own-deed';
import { placeOf, tell } from '@/lib/users/tell';
import { totpOf } from './factors';
import { type PasskeyAnswer, verifyPasskey } from './passkeys';
import { readRecoveryCode, spendRecoveryCode } from './recovery-codes';
import { totpStep, unsealTotp } from './totp';

/**
 * The challenge: after the password, a person proves the second factor and only then is signed in. Tries are counted per account,
 * and for codes also per address. A code is valid once, even on two concurrent connections.
 */
const CHALLENGED = { standings: ['challenge'] } as const;

/** A code of the app or a recovery code, distinguished by format. */
export const proveByCode = countedSignIn('code', byCode);

async function byCode(actor: UserActor, input: { code: string }) {
  if ((await take(LIMITS.codesAddress, actor.origin.ip)) > 0) return refuse('codes-limited');
  if (await isOver(actor)) return refuse('codes-limited');
  const outcome = await ownDeed(
    actor,
    async (tx, now, user) => {
      const typed = input.code.replace(/\s/g, '');
      const recovery = readRecoveryCode(typed);
      if (recovery === null) {
        if (await spendTotp(tx, now, user, typed)) return proven(tx, now, actor, user, 'totp');
        return refused(tx, now, actor, user);
      }
      const spent = await spendRecoveryCode(tx, now, user, recovery);
      if (!spent) return refused(tx, now, actor, user);
      await tell(tx, now, user, { kind: 'recovery-code-used', left: spent.left, from: placeOf(actor.origin) });
      return proven(tx, now, actor, user, 'recovery_code');
    },
    CHALLENGED,
  );
  if (outcome.ok) await clear([LIMITS.codesAccount, actor.userId]);
  return outcome;
}

export const proveByPasskey = countedSignIn('passkey-as-second', byPasskey);

async function byPasskey(actor: UserActor, input: { answer: PasskeyAnswer }) {
  if (await isOver(actor)) return refuse('codes-limited');
  const outcome = await ownDeed(
    actor,
    async (tx, now, user) => {
      const asked = { of: user, purpose: 'second-factor', sessionId: actor.sessionId } as const;
      if (await verifyPasskey(tx, now, input.answer, asked)) return proven(tx, now, actor, user, 'passkey');
      await record(tx, now, stranger(actor), 'user.sign-in-refused', user, { reason: 'wrong-passkey' });
      return refuse('passkey-refused');
    },
    CHALLENGED,
  );
  if (outcome.ok) await clear([LIMITS.codesAccount, actor.userId]);
  return outcome;
}

/** Counts a try. The first one over the limit is recorded and mailed to the owner, since whoever gets here knows the password. */
async function isOver(actor: UserActor): Promise<boolean> {
  const over = await take(LIMITS.codesAccount, actor.userId);
  if (over === 1) await warn(actor);
  return over > 0;
}

/** Claims the code's time step by a conditional update: the same step, and any older one, is never accepted again. */
async function spendTotp(tx: Tx, now: Date, user: User, code: string): Promise<boolean> {
  const [factor] = await tx.select({ secretSealed: totpFactors.secretSealed }).from(totpFactors).where(totpOf(user));
  const secret = factor ? unsealTotp(factor.secretSealed) : null;
  const step = secret === null ? null : await totpStep(secret, code, now);
  if (step === null) return false;
  const spent = await tx
    .update(totpFactors)
    .set({ lastStep: step, lastUsedAt: now })
    .where(and(totpOf(user), lt(totpFactors.lastStep, step)))
    .returning({ step: totpFactors.lastStep });
  return spent.length === 1;
}

async function proven(tx: Tx, now: Date, actor: UserActor, user: User, secondFactor: SecondFactor) {
  const raised = await raiseSession(tx, now, actor, { secondFactor });
  if (!raised) return refuse('signed-out');
  return done({
    session: await completeSignIn(tx, now, user, raised, { method: 'password', secondFactor }, actor.origin),
  });
}

/** Before the second factor is proven, audit entries do not name the person as the actor. */
const stranger = ({ tenantId, origin }: UserActor) => ({ ...systemActor(tenantId), origin });

async function refused(tx: Tx, now: Date, actor: UserActor, user: User) {
  await record(tx, now, stranger(actor), 'user.sign-in-refused', user, { reason: 'wrong-code' });
  return refuse('wrong-code');
}

const warn = (actor: UserActor) =>
  transaction(async (tx, now) => {
    const user = await lockUser(tx, actor.tenantId, actor.userId);
    if (!user) return;
    await record(tx, now, stranger(actor), 'user.sign-in-refused', user, { reason: 'codes-limited' });
    await tell(tx, now, user, { kind: 'codes-limited', from: placeOf(actor.origin) });
  });
