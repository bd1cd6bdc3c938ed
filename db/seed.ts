import { and, eq, inArray, sql } from 'drizzle-orm';
import { newToken } from '@/lib/crypto/tokens';
import { db, type Tx } from './client';
import { newId } from './id';
import { totpFactors } from './schema/factors';
import { invitations } from './schema/invitations';
import { sessions } from './schema/sessions';
import type { tenants } from './schema/tenants';
import { type User, users } from './schema/users';
import { FIRST_NAMES, LAST_NAMES, USER_AGENTS } from './seed-names';
import { acrossTenants } from './tenant-wall';

/**
 * Example people for trials and measurements: names from many languages, and states in about the proportions of a grown
 * tenant. The same random seed makes the same people, whoever exists already. No mail is sent, and nobody has a password
 * unless one is given. Their past is invented, so it is not in the audit trail; the caller records the seeding itself.
 */
type Options = {
  tenant: typeof tenants.$inferSelect;
  count: number;
  randomSeed: number;
  passwordHash: string | null;
  /** Hash and sealed token of a new invitation link, as its row stores them. */
  newLink: () => { tokenHash: string; tokenSealed: string };
  /** The sealed secret of an authenticator app, as its row stores it. */
  newTotp: () => string;
};
export type Seeded = Record<User['status'] | 'admins' | 'invitations' | 'sessions', number>;

type Person = {
  user: typeof users.$inferInsert;
  invitation?: typeof invitations.$inferInsert;
  session?: typeof sessions.$inferInsert;
};

const BATCH = 2_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Returns how many were made: a second seeding with the same number finds the people there, and makes none. Skips the tenant
 * wall: parsing statements with thousands of rows would take longer than running them, and all name one tenant.
 */
export const seed = (tx: Tx, now: Date, options: Options): Promise<Seeded> =>
  acrossTenants(() => makePeople(tx, now, options));

async function makePeople(tx: Tx, now: Date, options: Options): Promise<Seeded> {
  const random = randomFrom(options.randomSeed);
  const made: Seeded = { active: 0, invited: 0, deactivated: 0, removed: 0, admins: 0, invitations: 0, sessions: 0 };
  for (let from = 0; from < options.count; from += BATCH) {
    const size = Math.min(BATCH, options.count - from);
    const drawn = Array.from({ length: size }, (_, i) => person(random, from + i, now, options));
    const gone = await removedAmong(tx, options.tenant.id, drawn);
    const people = drawn.filter(({ user }) => !gone.has(user.email));
    if (people.length === 0) continue;
    const inserted = await tx
      .insert(users)
      .values(people.map(({ user }) => user))
      .onConflictDoNothing()
      .returning({ id: users.id });
    const ids = new Set(inserted.map(({ id }) => id));
    const born = people.filter(({ user }) => ids.has(user.id));
    const invited = born.flatMap(({ invitation }) => invitation ?? []);
    const signedIn = born.flatMap(({ session }) => session ?? []);
    const withFactor = born.filter(({ user }) => user.mfaEnabled);
    if (withFactor.length > 0)
      await tx.insert(totpFactors).values(withFactor.map(({ user }) => totpOf(user, options.newTotp(), now)));
    if (invited.length > 0) await tx.insert(invitations).values(invited);
    if (signedIn.length > 0) await tx.insert(sessions).values(signedIn);

    for (const { user } of born) made[user.status]++;
    made.admins += born.filter(({ user }) => user.role === 'tenant_admin').length;
    made.invitations += invited.length;
    made.sessions += signedIn.length;
  }
  return made;
}

/** Removed people have released their addresses, so no unique index stops them from being made twice. */
async function removedAmong(tx: Tx, tenantId: string, people: Person[]): Promise<Set<string>> {
  const emails = people.map(({ user }) => user.email);
  const found = await tx
    .select({ email: users.email })
    .from(users)
    .where(and(eq(users.tenantId, tenantId), sql`${users.status} = 'removed'`, inArray(users.email, emails)));
  return new Set(found.map(({ email }) => email));
}

/** A GIN index keeps new entries in a pending list until a vacuum, and every search would scan that list. */
export const settle = () => acrossTenants(() => db.execute(sql`vacuum (analyze) users, invitations, sessions`));

/** mulberry32: small, fast, and the same on every machine. */
function randomFrom(randomSeed: number): () => number {
  let state = randomSeed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pick = <T>(from: readonly T[], random: () => number): T => from[Math.floor(random() * from.length)] as T;
const before = (date: Date, ms: number) => new Date(date.getTime() - ms);

function person(random: () => number, i: number, now: Date, options: Options): Person {
  const { tenant, randomSeed, passwordHash } = options;
  const firstName = pick(FIRST_NAMES, random);
  const lastName = pick(LAST_NAMES, random);
  const roll = random();
  const status = roll < 0.88 ? 'active' : roll < 0.93 ? 'invited' : roll < 0.99 ? 'deactivated' : 'removed';
  const role = random() < 0.03 ? 'tenant_admin' : 'standard_user';
  const number = `${i}${randomSeed === 1 ? '' : `-${randomSeed}`}`;
  const email = `${plain(firstName)}.${plain(lastName)}${number}@${pick(DOMAINS, random)}`;
  const named = { tenantId: tenant.id, email, firstName, lastName, role, status } as const;

  if (status === 'invited') {
    const validMs = tenant.invitationHours * HOUR_MS;
    const isOpen = random() < 0.5;
    const createdAt = before(now, random() * (isOpen ? validMs : 20 * DAY_MS) + (isOpen ? 0 : validMs));
    const user = { ...named, id: newId(createdAt), createdAt };
    return { user, invitation: invitationOf(user, options, validMs) };
  }

  const createdAt = before(now, random() * 1200 * DAY_MS);
  const until =
    status === 'removed' ? before(now, random() * Math.min(29 * DAY_MS, now.getTime() - createdAt.getTime())) : now;
  const sinceMs = Math.min(until.getTime() - createdAt.getTime(), 365 * DAY_MS);
  const lastLoginAt = random() < 0.93 ? before(until, random() ** 2 * sinceMs) : null;
  const samlEnabled = random() < 0.3;
  const hasFactor = random() < 0.4;
  const user = {
    ...named,
    id: newId(createdAt),
    passwordHash: status === 'removed' ? null : passwordHash,
    mfaEnabled: hasFactor && (!samlEnabled || passwordHash !== null),
    samlEnabled,
    lastLoginAt,
    lastLoginMethod: lastLoginAt && (samlEnabled ? ('saml' as const) : ('password' as const)),
    createdAt,
    removedAt: status === 'removed' ? until : null,
    statusBeforeRemoval: status === 'removed' ? ('active' as const) : null,
  };
  const stays = random() < 0.4 && status === 'active';
  const isRecent =
    lastLoginAt !== null && now.getTime() - lastLoginAt.getTime() < tenant.sessionAbsoluteHours * HOUR_MS;
  return stays && isRecent
    ? { user, session: sessionOf(user, lastLoginAt, random, now, tenant.sessionIdleHours) }
    : { user };
}

const totpOf = (user: typeof users.$inferInsert, secretSealed: string, now: Date) => {
  const [createdAt, lastUsedAt] = [user.createdAt ?? now, user.lastLoginAt ?? user.createdAt ?? now];
  return { tenantId: user.tenantId, userId: user.id, secretSealed, lastStep: 0, createdAt, lastUsedAt };
};

const invitationOf = (user: { id: string; createdAt: Date }, { tenant, newLink }: Options, validMs: number) => ({
  id: newId(user.createdAt),
  tenantId: tenant.id,
  userId: user.id,
  inviterName: tenant.name,
  ...newLink(),
  createdAt: user.createdAt,
  expiresAt: new Date(user.createdAt.getTime() + validMs),
});

function sessionOf(
  user: { id: string; tenantId: string; samlEnabled: boolean },
  at: Date,
  random: () => number,
  now: Date,
  idleHours: number,
): typeof sessions.$inferInsert {
  const unseenMs = random() * Math.min(now.getTime() - at.getTime(), idleHours * HOUR_MS);
  return {
    id: newId(at),
    userId: user.id,
    tenantId: user.tenantId,
    // A random value: nobody holds a token with this hash.
    tokenHash: newToken(),
    method: user.samlEnabled ? 'saml' : 'password',
    createdAt: at,
    lastSeenAt: before(now, unseenMs),
    authenticatedAt: at,
    ip: `198.51.100.${Math.floor(random() * 254) + 1}`,
    userAgent: pick(USER_AGENTS, random),
  };
}

/** Domains reserved for examples (RFC 2606): no mail can reach anybody. */
const DOMAINS = ['example.com', 'example.org', 'mail.example.net'];

/** Letters that Unicode does not decompose into a base and a mark. */
const BASES: Record<string, string> = { ł: 'l', ø: 'o', ı: 'i', đ: 'd', ß: 'ss' };

export const plain = (name: string) =>
  name
    .toLowerCase()
    .replace(/[łøıđß]/g, (letter) => BASES[letter] ?? '')
    .normalize('NFKD')
    .replace(/[^a-z]/g, '');
