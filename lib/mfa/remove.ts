import { and, eq } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { passkeys, totpFactors } from '@/db/schema/factors';
import type { User } from '@/db/schema/users';
import type { UserActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, type Outcome, refuse } from '@/lib/outcome';
import { endSessions } from '@/lib/sessions/revoke';
import { findTenant } from '@/lib/tenants/find';
import { ownDeed } from '@/lib/users/own-deed';
import { placeOf, tell } from '@/lib/users/tell';
import { listFactors, passkeyName, passkeysOf, settleFactors, TOTP_NAME, totpOf } from './factors';

/** One of the person's own factors: the app, or a passkey by its id. */
export type FactorId = 'totp' | (string & {});

/** Ends the other sessions, which may have been opened with the removed factor. */
export const removeFactor = (actor: UserActor, input: { factor: FactorId }) =>
  ownDeed(
    actor,
    async (tx, now, user): Promise<Outcome<{ sessionsEnded: number }, 'factor-not-found' | 'factor-needed'>> => {
      const { totp, passkeys: keys } = await listFactors(user, tx);
      const { mfaRequiredSince } = await findTenant(user.tenantId, tx);
      const isLast = keys.length + (totp ? 1 : 0) === 1;
      if (isLast && mfaRequiredSince !== null) return refuse('factor-needed');
      const name = await take(tx, user, input.factor);
      if (name === null) return refuse('factor-not-found');

      await settleFactors(tx, user);
      const others = { tenantId: user.tenantId, userId: user.id, except: actor.sessionId };
      const sessionsEnded = await endSessions(tx, now, others, 'second-factor-changed');
      await record(tx, now, actor, 'second-factor.removed', user, { factor: name, sessionsEnded });
      await tell(tx, now, user, { kind: 'factor-removed', factor: name, from: placeOf(actor.origin) });
      return done({ sessionsEnded });
    },
    { recent: true },
  );

async function take(tx: Tx, user: User, factor: FactorId): Promise<string | null> {
  if (factor === 'totp') {
    const gone = await tx.delete(totpFactors).where(totpOf(user)).returning({ at: totpFactors.createdAt });
    return gone.length > 0 ? TOTP_NAME : null;
  }
  const [gone] = await tx
    .delete(passkeys)
    .where(and(passkeysOf(user), eq(passkeys.id, factor)))
    .returning({ name: passkeys.name });
  return gone ? passkeyName(gone.name) : null;
}

export const renamePasskey = (actor: UserActor, input: { passkeyId: string; name: string }) =>
  ownDeed(actor, async (tx, now, user) => {
    const which = and(passkeysOf(user), eq(passkeys.id, input.passkeyId));
    const [there] = await tx.select({ name: passkeys.name }).from(passkeys).where(which).for('update');
    if (!there) return refuse('factor-not-found');
    if (there.name === input.name) return done({});
    await tx.update(passkeys).set({ name: input.name }).where(which);
    await record(tx, now, actor, 'second-factor.renamed', user, { before: there.name, after: input.name });
    return done({});
  });
