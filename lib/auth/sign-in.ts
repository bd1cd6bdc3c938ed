import { and, eq, inArray, ne, sql } from 'drizzle-orm';
import { z } from 'zod';
import { db } from '@/db/client';
import { tenants } from '@/db/schema/tenants';
import { type User, users } from '@/db/schema/users';
import { acrossTenants } from '@/db/tenant-wall';
import { transaction } from '@/db/transaction';
import { type Origin, systemActor } from '@/lib/actor';
import type { AuditCatalogue } from '@/lib/audit/catalogue';
import { record } from '@/lib/audit/record';
import { verifyPassword } from '@/lib/crypto/password';
import { seal, unseal } from '@/lib/crypto/seal';
import { hashToken } from '@/lib/crypto/tokens';
import { countedSignIn } from '@/lib/observe/sign-ins';
import { done, type Outcome, refuse } from '@/lib/outcome';
import { clear, giveBack, LIMITS, type Limit, take } from '@/lib/rate-limit';
import type { LiveSession } from '@/lib/sessions/find';
import { holdTenant, type Tenant } from '@/lib/tenants/find';
import { type Entered, enter, whomDeviceKnows } from '@/lib/users/enter';
import { findUser, isAddress, lockUser } from '@/lib/users/find';
import { mayProvePassword } from '@/lib/users/password-allowed';

/**
 * Password sign-in. An unknown account, a wrong password and a deactivated or invited person get the same answer: in the
 * same words, after the same work and after the same minimum time. The tenants of an address are shown only after the
 * password is proven.
 */
const REFUSED_AFTER_MS = 350;
const CHOICE_PURPOSE = 'tenant-choice';
export const CHOICE_MINUTES = 10;

type SignedIn = { session: Entered } | { ticket: string };
type Previous = LiveSession | null;

export const signInByPassword = countedSignIn('password', byPassword);

async function byPassword(input: { email: string; password: string }, origin: Origin, previous: Previous = null) {
  const started = Date.now();
  const refused = async <R extends string>(refusal: R) => {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, REFUSED_AFTER_MS - (Date.now() - started))));
    return refuse(refusal);
  };
  // Checked first, so that an IP address over its limit cannot use up other people's tries.
  if ((await take(LIMITS.signInAddress, origin.ip)) > 0) return refused('limited');
  const accounts = await accountsOf(input.email);
  const tried = await takeTries(input.email, accounts, origin);
  if (!tried) return refused('limited');
  const proven = await provenBy(input.password, tried);
  if (proven.length === 0) {
    await recordRefusals(tried, origin, 'wrong-password');
    return refused('wrong');
  }
  const active = proven.filter(({ user }) => user.status === 'active');
  if (active.length === 0) {
    await recordRefusals(proven, origin, 'not-active');
    return refused('wrong');
  }
  await giveBack(LIMITS.signInAddress, origin.ip);
  // Only if the password fits every account of the address: another tenant's admin could give the address to one of theirs.
  if (proven.length === accounts.length) await clear(...signInCounts(input.email, origin));
  const usable = active.filter(({ user }) => !user.passwordResetRequired);
  if (usable.length === 0) {
    await recordRefusals(active, origin, 'reset-required');
    return refused('reset-required');
  }
  const may = await Promise.all(usable.map(({ user, saml }) => mayProvePassword(user, saml)));
  const allowed = usable.filter((_, i) => may[i]);
  if (allowed.length === 0) {
    await recordRefusals(usable, origin, 'saml-required');
    return refused('saml-required');
  }
  const [only, ...others] = allowed;
  if (only && others.length === 0)
    return signIn(only.user, proofOf(only.user), origin, previous) satisfies Promise<
      Outcome<SignedIn, 'wrong' | 'saml-required'>
    >;
  const accountsProven = allowed.map(({ user }) => [user.id, user.tenantId, proofOf(user)]);
  return done<SignedIn>({ ticket: seal(JSON.stringify({ accounts: accountsProven, at: Date.now() }), CHOICE_PURPOSE) });
}

/** Holds only ids and proofs: a browser drops a cookie of more than 4096 bytes, and there may be twenty accounts. */
const choiceTicket = z.object({ accounts: z.array(z.tuple([z.uuid(), z.uuid(), z.string()])), at: z.number() });

/** The accounts that the password has proven, for ten minutes. Null if the ticket is too old or not ours. */
function openTicket(ticket: string | undefined) {
  const opened = ticket ? unseal(ticket, CHOICE_PURPOSE) : null;
  if (opened === null) return null;
  const { accounts, at } = choiceTicket.parse(JSON.parse(opened));
  if (Date.now() - at > CHOICE_MINUTES * 60_000) return null;
  return accounts.map(([userId, tenantId, proof]) => ({ userId, tenantId, proof }));
}

/** The tenants to choose from, by name. */
export async function openTenantChoice(ticket: string | undefined) {
  const accounts = openTicket(ticket);
  if (!accounts) return null;
  const ids = accounts.map(({ tenantId }) => tenantId);
  return acrossTenants(() =>
    db
      .select({ tenantId: tenants.id, tenantName: tenants.name })
      .from(tenants)
      .where(inArray(tenants.id, ids))
      .orderBy(tenants.name),
  );
}

/** The second step for a person in several tenants. */
export const signInToTenant = countedSignIn('tenant-choice', toTenant);

async function toTenant(
  input: { ticket: string | undefined; tenantId: string },
  origin: Origin,
  previous: Previous = null,
) {
  const chosen = openTicket(input.ticket)?.find(({ tenantId }) => tenantId === input.tenantId);
  const user = chosen ? await findUser(chosen.tenantId, chosen.userId) : null;
  return chosen && user ? signIn(user, chosen.proof, origin, previous) : refuse('choice-expired');
}

/** Identifies the proven password. Changing the password invalidates the proof. */
const proofOf = (user: User) => hashToken(user.passwordHash ?? '');

/**
 * Counts a guess at each account of the address. Returns the accounts with tries left; null if none may be tried. An
 * account has a separate count for a browser in which it has signed in before, so that a stranger's guesses never lock the
 * owner out. Only accounts known to the browser use that count: an attacker's own account with the same address in another
 * tenant gives no extra tries at the owner's.
 */
async function takeTries(email: string, accounts: Account[], origin: Origin): Promise<Account[] | null> {
  const known = await whomDeviceKnows(
    accounts.map(({ user }) => user),
    origin,
  );
  const own = accounts.filter(({ user }) => known.has(user.id));
  const others = accounts.filter(({ user }) => !known.has(user.id));
  const counts = [];
  if (own.length > 0) counts.push({ of: own, limit: LIMITS.signInDevice, subject: `${email}\0${origin.deviceToken}` });
  // An address without an account is counted too, as if it had one.
  if (others.length > 0 || own.length === 0) counts.push({ of: others, limit: LIMITS.signInAccount, subject: email });
  const left: Account[] = [];
  let isLimited = true;
  for (const { of, limit, subject } of counts) {
    const over = await take(limit, subject);
    // Recorded once per window: a flood of tries must not become a flood of entries.
    if (over === 1) await recordRefusals(of, origin, 'limited');
    if (over > 0) continue;
    isLimited = false;
    left.push(...of);
  }
  return isLimited ? null : left;
}

/** The counts of guesses at an address: from unknown browsers, and from this one. */
export const signInCounts = (email: string, { deviceToken }: Origin): [Limit, string][] => [
  [LIMITS.signInAccount, email],
  ...(deviceToken ? [[LIMITS.signInDevice, `${email}\0${deviceToken}`] as [Limit, string]] : []),
];

type Account = { user: User; tenantName: string; saml: Tenant['saml'] };

const accountsOf = (email: string): Promise<Account[]> =>
  acrossTenants(() =>
    db
      .select({ user: users, tenantName: tenants.name, saml: tenants.saml })
      .from(users)
      .innerJoin(tenants, eq(tenants.id, users.tenantId))
      .where(and(isAddress(email), ne(users.status, 'removed')))
      // Accounts with a password and older accounts come first, so that invitations of other tenants cannot displace them.
      .orderBy(sql`${users.passwordHash} is null`, users.createdAt)
      .limit(20)
      .prepare('accounts_of')
      .execute(),
  );

async function provenBy(password: string, accounts: Account[]): Promise<Account[]> {
  const candidates = accounts.length > 0 ? accounts : [null];
  const verdicts = await Promise.all(
    candidates.map((account) => verifyPassword(account?.user.passwordHash ?? null, password)),
  );
  return accounts.filter((_, i) => verdicts[i]);
}

/** Locks and rereads the row: a deactivation since the proof wins. */
const signIn = (seen: User, proof: string, origin: Origin, previous: Previous) =>
  transaction(async (tx, now) => {
    const { saml } = await holdTenant(tx, seen.tenantId);
    const user = await lockUser(tx, seen.tenantId, seen.id);
    if (user?.status !== 'active' || proofOf(user) !== proof || user.passwordResetRequired) return refuse('wrong');
    if (!(await mayProvePassword(user, saml, tx))) return refuse('saml-required');
    return done({ session: await enter(tx, now, user, { method: 'password' }, origin, previous) });
  });

type Refused = AuditCatalogue['user.sign-in-refused']['reason'];

/** One transaction per account, so that a tenant's log does not wait for another tenant's. */
async function recordRefusals(accounts: Account[], origin: Origin, reason: Refused) {
  for (const { user } of accounts) {
    const system = { ...systemActor(user.tenantId), origin };
    await transaction((tx, now) => record(tx, now, system, 'user.sign-in-refused', user, { reason }));
  }
}
