import { and, eq, ne } from 'drizzle-orm';
import { z } from 'zod';
import { db } from '@/db/client';
import { tenants } from '@/db/schema/tenants';
import { type User, users } from '@/db/schema/users';
import { transaction } from '@/db/transaction';
import { asActor, type Origin, systemActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { verifyPassword } from '@/lib/crypto/password';
import { seal, unseal } from '@/lib/crypto/seal';
import { done, type Outcome, refuse } from '@/lib/outcome';
import { clear, LIMITS, take } from '@/lib/rate-limit';
import { endSessions } from '@/lib/sessions/revoke';
import { type StartedSession, startSession } from '@/lib/sessions/start';
import { findUser, isAddress, lockUser } from '@/lib/users/find';

/**
 * Password sign-in. Unknown account, wrong password, deactivated or invited person: one answer, in the same words, after
 * the same work and not before the same moment. Which tenants an address is in is told only after the password is proven.
 */
const REFUSED_AFTER_MS = 350;
const CHOICE_PURPOSE = 'tenant-choice';
const CHOICE_MINUTES = 10;

type SignedIn = { session: StartedSession } | { ticket: string };
type Previous = { tenantId: string; userId: string; sessionId: string } | null;

export async function signInByPassword(
  input: { email: string; password: string },
  origin: Origin,
  previous: Previous = null,
) {
  const started = Date.now();
  const refused = async <R extends string>(refusal: R) => {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, REFUSED_AFTER_MS - (Date.now() - started))));
    return refuse(refusal);
  };
  const over = Math.max(
    ...(await Promise.all([take(LIMITS.signInAddress, origin.ip), take(LIMITS.signInAccount, input.email)])),
  );
  const accounts = await accountsOf(input.email);
  if (over > 0) {
    // Once: a flood of tries must not become a flood of entries.
    if (over === 1) await recordRefusals(accounts, origin, 'limited');
    return refused('limited');
  }
  const proven = await provenBy(input.password, accounts);
  if (proven.length === 0) {
    await recordRefusals(accounts, origin, 'wrong-password');
    return refused('wrong');
  }
  const active = proven.filter(({ user }) => user.status === 'active');
  if (active.length === 0) {
    await recordRefusals(proven, origin, 'not-active');
    return refused('wrong');
  }
  await clear(LIMITS.signInAccount, input.email);
  const [only, ...others] = active;
  if (only && others.length === 0)
    return signIn(only.user, origin, previous) satisfies Promise<Outcome<SignedIn, 'wrong'>>;
  const accountsProven = active.map(({ user, tenantName }) => ({
    userId: user.id,
    tenantId: user.tenantId,
    tenantName,
  }));
  return done<SignedIn>({ ticket: seal(JSON.stringify({ accounts: accountsProven, at: Date.now() }), CHOICE_PURPOSE) });
}

const choiceTicket = z.object({
  accounts: z.array(z.object({ userId: z.uuid(), tenantId: z.uuid(), tenantName: z.string() })),
  at: z.number(),
});

/** What the password has proven, for ten minutes: which accounts may be chosen from. Null when it is too old or not ours. */
export function openTenantChoice(ticket: string | undefined) {
  const opened = ticket ? unseal(ticket, CHOICE_PURPOSE) : null;
  if (opened === null) return null;
  const { accounts, at } = choiceTicket.parse(JSON.parse(opened));
  return Date.now() - at > CHOICE_MINUTES * 60_000 ? null : accounts;
}

/** The second step for a person in several tenants. */
export async function signInToTenant(
  input: { ticket: string | undefined; tenantId: string },
  origin: Origin,
  previous: Previous = null,
) {
  const chosen = openTenantChoice(input.ticket)?.find(({ tenantId }) => tenantId === input.tenantId);
  const user = chosen ? await findUser(chosen.tenantId, chosen.userId) : null;
  return user ? signIn(user, origin, previous) : refuse('choice-expired');
}

type Account = { user: User; tenantName: string };

const accountsOf = (email: string): Promise<Account[]> =>
  db
    .select({ user: users, tenantName: tenants.name })
    .from(users)
    .innerJoin(tenants, eq(tenants.id, users.tenantId))
    .where(and(isAddress(email), ne(users.status, 'removed')))
    .orderBy(tenants.name)
    .limit(20);

async function provenBy(password: string, accounts: Account[]): Promise<Account[]> {
  const candidates = accounts.length > 0 ? accounts : [null];
  const verdicts = await Promise.all(
    candidates.map((account) => verifyPassword(account?.user.passwordHash ?? null, password)),
  );
  return accounts.filter((_, i) => verdicts[i]);
}

/** The row is held and read again: a deactivation that came between the proof and here wins. */
const signIn = (seen: User, origin: Origin, previous: Previous) =>
  transaction(async (tx, now) => {
    const user = await lockUser(tx, seen.tenantId, seen.id);
    if (user?.status !== 'active' || user.passwordHash !== seen.passwordHash) return refuse('wrong');
    if (previous) await endSessions(tx, now, { ...previous, only: previous.sessionId }, 'replaced');

    const session = await startSession(tx, now, user, 'password', origin);
    await tx.update(users).set({ lastLoginAt: now, lastLoginMethod: 'password' }).where(eq(users.id, user.id));
    await record(tx, now, asActor(user, session.sessionId, origin), 'user.signed-in', user, { method: 'password' });
    return done({ session });
  });

/** A transaction for each: a tenant's log waits for no other tenant's. */
async function recordRefusals(
  accounts: Account[],
  origin: Origin,
  reason: 'wrong-password' | 'not-active' | 'limited',
) {
  for (const { user } of accounts) {
    const system = { ...systemActor(user.tenantId), origin };
    await transaction((tx, now) => record(tx, now, system, 'user.sign-in-refused', user, { reason }));
  }
}
