import type { Tx } from '@/db/client';
import { passkeys, totpFactors } from '@/db/schema/factors';
import type { User } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { env } from '@/lib/env';
import { secondFactorAskedMessage } from '@/lib/mail/messages/second-factor-asked';
import { enqueue } from '@/lib/mail/outbox';
import { done, refuse } from '@/lib/outcome';
import { endSessions } from '@/lib/sessions/revoke';
import { findTenant } from '@/lib/tenants/find';
import { deedOnUser } from '@/lib/users/deed';
import { nameOfActor } from '@/lib/users/find';
import { hasRecentProof } from '@/lib/users/own-deed';
import { mayAskForSecondFactor, mayResetSecondFactor } from '@/lib/users/policy';
import { tell } from '@/lib/users/tell';
import { listFactors, passkeyName, passkeysOf, settleFactors, TOTP_NAME, totpOf } from './factors';

/**
 * For a person who has lost their second factor: removes every factor and recovery code and ends every session. An admin can
 * remove a factor but never set or see one. Requires a fresh proof: a stolen cookie must not strip an account.
 */
export const resetSecondFactor = (actor: Actor, input: { userId: string }) =>
  deedOnUser(actor, input.userId, async (tx, now, user) => {
    const refusal = mayResetSecondFactor(actor, user);
    if (refusal) return refuse(refusal);
    const own = actor.kind === 'user' && actor.userId === user.id;
    if (!(await hasRecentProof(tx, now, actor))) return refuse('proof-needed');

    const factors = await dropAll(tx, user);
    const sessionsEnded = await endSessions(
      tx,
      now,
      { tenantId: user.tenantId, userId: user.id },
      'second-factor-changed',
    );
    const auditId = await record(tx, now, actor, 'second-factor.reset', user, { factors, sessionsEnded });
    await tell(tx, now, user, { kind: 'factors-reset', by: await nameOfActor(tx, actor) });
    return done({ auditId, sessionsEnded, own });
  });

async function dropAll(tx: Tx, user: User): Promise<string[]> {
  const { totp, passkeys: keys } = await listFactors(user, tx);
  await tx.delete(totpFactors).where(totpOf(user));
  await tx.delete(passkeys).where(passkeysOf(user));
  await settleFactors(tx, user);
  return [...(totp ? [TOTP_NAME] : []), ...keys.map(({ name }) => passkeyName(name))];
}

/** Asks by mail. Nothing changes unless the person acts on it. */
export const askForSecondFactor = (actor: Actor, input: { userId: string }) =>
  deedOnUser(actor, input.userId, (tx, now, user) => askForSecondFactorIn(tx, now, actor, user));

/** The same as part of a larger transaction. */
export async function askForSecondFactorIn(tx: Tx, now: Date, actor: Actor, user: User) {
  const refusal = mayAskForSecondFactor(actor, user);
  if (refusal) return refuse(refusal);
  const { name: tenantName } = await findTenant(user.tenantId, tx);
  const askedBy = await nameOfActor(tx, actor);
  const url = `${env().APP_URL}/profile`;
  const message = secondFactorAskedMessage({ tenantName, askedBy, address: user.email, url });
  const to = { tenantId: user.tenantId, userId: user.id, address: user.email };
  await enqueue(tx, now, to, 'second-factor-asked', message);
  return done({ auditId: await record(tx, now, actor, 'second-factor.asked', user, {}) });
}
