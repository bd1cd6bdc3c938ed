import { and, eq } from 'drizzle-orm';
import { db } from '@/db/client';
import { passwordResets } from '@/db/schema/password-resets';
import { tenants } from '@/db/schema/tenants';
import { users } from '@/db/schema/users';
import { acrossTenants } from '@/db/tenant-wall';
import { transaction } from '@/db/transaction';
import { type Origin, systemActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { hashPassword, passwordProblem } from '@/lib/crypto/password';
import { hashToken } from '@/lib/crypto/tokens';
import { done, refuse } from '@/lib/outcome';
import { clear } from '@/lib/rate-limit';
import { holdTenant } from '@/lib/tenants/find';
import { cutAccess } from '@/lib/users/cut-access';
import { lockUser, rowOf } from '@/lib/users/find';
import { isOpenReset } from '@/lib/users/open-links';
import { mayProvePassword } from '@/lib/users/password-allowed';
import { placeOf, tell } from '@/lib/users/tell';
import { signInCounts } from './sign-in';

const isOpen = (token: string, now: Date) => and(eq(passwordResets.tokenHash, hashToken(token)), isOpenReset(now));

/** Null for every link that does not work, whatever the reason. Reading changes nothing. */
export async function findOpenReset(token: string, now = new Date()) {
  const [found] = await acrossTenants(() =>
    db
      .select({ tenantId: users.tenantId, tenantName: tenants.name, userId: users.id, email: users.email })
      .from(passwordResets)
      .innerJoin(users, and(eq(users.tenantId, passwordResets.tenantId), eq(users.id, passwordResets.userId)))
      .innerJoin(tenants, eq(tenants.id, users.tenantId))
      .where(and(isOpen(token, now), eq(users.status, 'active'))),
  );
  return found ?? null;
}

/** Ends every session and API key, uses up the link, and clears the account's sign-in limits. It does not sign in. */
export async function resetPassword(input: { token: string; password: string }, origin: Origin) {
  const seen = await findOpenReset(input.token);
  if (!seen) return refuse('link-dead');
  const problem = passwordProblem(input.password, [seen.email, seen.tenantName]);
  if (problem) return refuse(problem);
  const passwordHash = await hashPassword(input.password);

  const outcome = await transaction(async (tx, now) => {
    const { saml } = await holdTenant(tx, seen.tenantId);
    const user = await lockUser(tx, seen.tenantId, seen.userId);
    if (user?.status !== 'active') return refuse('link-dead');
    if (!(await mayProvePassword(user, saml, tx))) return refuse('saml-required');
    const [claimed] = await tx
      .update(passwordResets)
      .set({ usedAt: now })
      .where(
        and(eq(passwordResets.tenantId, user.tenantId), isOpen(input.token, now), eq(passwordResets.userId, user.id)),
      )
      .returning({ id: passwordResets.id });
    if (!claimed) return refuse('link-dead');

    await tx.update(users).set({ passwordHash, passwordResetRequired: false }).where(rowOf(user));
    const { sessionsEnded, keysRevoked } = await cutAccess(tx, now, user, 'password-reset');
    // There is no session: the link has proven the address and no more.
    const holder = { ...systemActor(user.tenantId), id: user.id, label: user.email, origin };
    await record(tx, now, holder, 'password.reset', user, { sessionsEnded, keysRevoked });
    await tell(tx, now, user, { kind: 'password-changed', from: placeOf(origin), keysRevoked });
    return done({ sessionsEnded, keysRevoked });
  });
  if (outcome.ok) await clear(...signInCounts(seen.email, origin));
  return outcome;
}
