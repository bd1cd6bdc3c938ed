import { and, eq, isNotNull } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { db } from '@/db/client';
import { newId } from '@/db/id';
import { passwordResets } from '@/db/schema/password-resets';
import { tenants } from '@/db/schema/tenants';
import { type User, users } from '@/db/schema/users';
import { acrossTenants } from '@/db/tenant-wall';
import { transaction } from '@/db/transaction';
import { type Actor, type Origin, systemActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { hashToken, newToken } from '@/lib/crypto/tokens';
import { env } from '@/lib/env';
import { passwordResetMessage, type ResetReason } from '@/lib/mail/messages/password-reset';
import { enqueue } from '@/lib/mail/outbox';
import { done, refuse } from '@/lib/outcome';
import { LIMITS, take } from '@/lib/rate-limit';
import { findTenant } from '@/lib/tenants/find';
import { closePasswordResets } from '@/lib/users/cut-access';
import { deedOnUser } from '@/lib/users/deed';
import { isAddress, lockUser, nameOfActor } from '@/lib/users/find';
import { isToConnect, mayProvePassword } from '@/lib/users/password-allowed';
import { maySendPasswordReset } from '@/lib/users/policy';

const RESET_HOURS = 1;

/**
 * Anybody may ask, for any address. The answer is the same with or without an account, and is given before the look-up is
 * done. Sends one mail for each tenant in which the address is active.
 */
export async function forgotPassword(input: { email: string }, origin: Origin) {
  if ((await take(LIMITS.forgotAddress, origin.ip)) > 0) return refuse('limited');
  const byAccount = await take(LIMITS.forgotAccount, input.email);
  // The account limit is not reported: it would reveal that there is an account.
  const sent = byAccount > 0 ? Promise.resolve() : mailResets(input.email, origin);
  return done({ sent });
}

async function mailResets(email: string, origin: Origin): Promise<void> {
  const accounts = await acrossTenants(() =>
    db
      .select({
        id: users.id,
        tenantId: users.tenantId,
        role: users.role,
        breakGlass: users.breakGlass,
        saml: tenants.saml,
      })
      .from(users)
      .innerJoin(tenants, eq(tenants.id, users.tenantId))
      .where(and(isAddress(email), eq(users.status, 'active'), isNotNull(users.passwordHash)))
      .orderBy(users.createdAt)
      .limit(20),
  );
  // A link that would be refused is not sent. The answer is the same.
  for (const account of accounts) {
    const { id, tenantId, saml } = account;
    if (!(await mayProvePassword(account, saml))) continue;
    await transaction(async (tx, now) => {
      // Lock and read again: the link must not go to an address that has changed meanwhile.
      const user = await lockUser(tx, tenantId, id);
      if (user?.status !== 'active' || user.email.toLowerCase() !== email.toLowerCase()) return;
      await issueReset(tx, now, { ...systemActor(tenantId), origin }, user);
    });
  }
}

/** For an admin, from the detail page. */
export const sendPasswordReset = (actor: Actor, input: { userId: string }) =>
  deedOnUser(actor, input.userId, async (tx, now, user) => {
    const { saml } = await findTenant(user.tenantId, tx);
    const refusal = maySendPasswordReset(actor, user, saml, await isToConnect(user, tx));
    if (refusal) return refuse(refusal);
    return done({ auditId: await issueReset(tx, now, actor, user) });
  });

/** Only the newest link of a person works. */
export async function issueReset(
  tx: Tx,
  now: Date,
  actor: Actor,
  user: User,
  reason: ResetReason = actor.kind === 'user' ? 'sent' : 'asked-for',
): Promise<string> {
  await closePasswordResets(tx, now, user);
  const { name: tenantName } = await findTenant(user.tenantId, tx);
  const token = newToken();
  const expiresAt = new Date(now.getTime() + RESET_HOURS * 3_600_000);
  const message = passwordResetMessage({
    tenantName,
    address: user.email,
    expiresAt,
    url: `${env().APP_URL}/reset-password/${token}`,
    reason,
    sender: await nameOfActor(tx, actor),
  });
  const to = { tenantId: user.tenantId, userId: user.id, address: user.email };
  const mailId = await enqueue(tx, now, to, 'password-reset', message, expiresAt);
  await tx.insert(passwordResets).values({
    id: newId(now),
    tenantId: user.tenantId,
    userId: user.id,
    tokenHash: hashToken(token),
    mailId,
    createdAt: now,
    expiresAt,
  });
  return record(tx, now, actor, 'password.reset-sent', user, {});
}
