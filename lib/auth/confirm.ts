import type { Tx } from '@/db/client';
import type { User } from '@/db/schema/users';
import { transaction } from '@/db/transaction';
import type { UserActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { verifyPassword } from '@/lib/crypto/password';
import { type PasskeyAnswer, verifyPasskey } from '@/lib/mfa/passkeys';
import { done, refuse } from '@/lib/outcome';
import { LIMITS, take } from '@/lib/rate-limit';
import { raiseSession } from '@/lib/sessions/start';
import { findUser } from '@/lib/users/find';
import { ownDeed } from '@/lib/users/own-deed';

/** Authenticates a person again before a sensitive change of their own account. The session gets a new token. */
export async function confirmByPassword(actor: UserActor, input: { password: string }) {
  const seen = await findUser(actor.tenantId, actor.userId);
  if (!seen) return refuse('signed-out');
  // Has a count of its own. Only a signed-in person reaches it, so a stranger cannot use it up, and it does not use up the
  // sign-in's.
  if ((await take(LIMITS.confirmAccount, actor.userId)) > 0) return refuse('limited');
  if (!(await verifyPassword(seen.passwordHash, input.password))) {
    await recordWrongPassword(actor, seen);
    return refuse('wrong-password');
  }
  return ownDeed(actor, async (tx, now, user) =>
    user.passwordHash === seen.passwordHash ? confirmed(tx, now, actor, user, 'password') : refuse('wrong-password'),
  );
}

export const recordWrongPassword = (actor: UserActor, user: User) =>
  transaction((tx, now) => record(tx, now, actor, 'user.sign-in-refused', user, { reason: 'wrong-password' }));

export async function confirmByPasskey(actor: UserActor, input: { answer: PasskeyAnswer }) {
  if ((await take(LIMITS.confirmAccount, actor.userId)) > 0) return refuse('limited');
  return ownDeed(actor, async (tx, now, user) => {
    const asked = { of: user, purpose: 'confirm', sessionId: actor.sessionId } as const;
    if (await verifyPasskey(tx, now, input.answer, asked)) return confirmed(tx, now, actor, user, 'passkey');
    await record(tx, now, actor, 'user.sign-in-refused', user, { reason: 'wrong-passkey' });
    return refuse('passkey-refused');
  });
}

async function confirmed(tx: Tx, now: Date, actor: UserActor, user: User, method: 'password' | 'passkey') {
  const session = await raiseSession(tx, now, actor, { authenticated: true });
  if (!session) return refuse('signed-out');
  await record(tx, now, actor, 'user.confirmed', user, { method });
  return done({ session });
}
