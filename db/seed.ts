import { sql } from 'drizzle-orm';
import { newToken } from '@/lib/crypto/tokens';
import { db } from './client';
import { newId } from './id';
import { sessions } from './schema/sessions';
import { type User, users } from './schema/users';
import { FIRST_NAMES, LAST_NAMES } from './seed-names';

/**
 * Example people for trying and measuring: names of many languages, and states in about the shares a grown tenant has.
 * The same random seed makes the same people. They hold no secret: no mail, no link, no password unless one is given.
 */
type Options = { tenantId: string; count: number; randomSeed: number; passwordHash: string | null };
type Person = typeof users.$inferInsert;

const BATCH = 2_000;
const DAY_MS = 86_400_000;

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

export async function seed({
  tenantId,
  count,
  randomSeed,
  passwordHash,
}: Options): Promise<Record<User['status'], number>> {
  const random = randomFrom(randomSeed);
  const counts: Record<User['status'], number> = { active: 0, invited: 0, deactivated: 0, removed: 0 };
  const now = new Date();
  for (let from = 0; from < count; from += BATCH) {
    const people = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) =>
      person(random, from + i, now, { tenantId, randomSeed, passwordHash }),
    );
    for (const { status } of people) counts[status]++;
    // Of a second seeding with the same number, the people are there already.
    const born = await db
      .insert(users)
      .values(people)
      .onConflictDoNothing()
      .returning({ id: users.id, status: users.status });
    const signedIn = born.filter(({ status }) => status === 'active').filter(() => random() < 0.05);
    if (signedIn.length > 0)
      await db.insert(sessions).values(signedIn.map(({ id }) => session(id, tenantId, random, now)));
  }
  // A GIN index keeps new entries in a list beside it until a vacuum: searches would read that list.
  await db.execute(sql`vacuum (analyze) users`);
  return counts;
}

const pick = <T>(from: readonly T[], random: () => number): T => from[Math.floor(random() * from.length)] as T;

function person(random: () => number, i: number, now: Date, given: Omit<Options, 'count'>): Person {
  const firstName = pick(FIRST_NAMES, random);
  const lastName = pick(LAST_NAMES, random);
  const roll = random();
  const status = roll < 0.88 ? 'active' : roll < 0.93 ? 'invited' : roll < 0.99 ? 'deactivated' : 'removed';
  const been = status !== 'invited';
  const daysHere = random() * 1200;
  const lastLoginAt =
    been && random() < 0.93 ? new Date(now.getTime() - random() ** 2 * Math.min(daysHere, 400) * DAY_MS) : null;
  const samlEnabled = been && random() < 0.3;
  return {
    id: newId(new Date(now.getTime() - daysHere * DAY_MS)),
    tenantId: given.tenantId,
    email: `${plain(firstName)}.${plain(lastName)}${i}${given.randomSeed === 1 ? '' : `-${given.randomSeed}`}@${pick(DOMAINS, random)}`,
    firstName,
    lastName,
    role: random() < 0.03 ? 'tenant_admin' : 'standard_user',
    status,
    passwordHash: status === 'active' || status === 'deactivated' ? given.passwordHash : null,
    mfaEnabled: been && random() < 0.4,
    samlEnabled,
    lastLoginAt,
    lastLoginMethod: lastLoginAt ? (samlEnabled ? 'saml' : 'password') : null,
    createdAt: new Date(now.getTime() - daysHere * DAY_MS),
    removedAt: status === 'removed' ? new Date(now.getTime() - random() * 29 * DAY_MS) : null,
    statusBeforeRemoval: status === 'removed' ? 'active' : null,
  };
}

/** Reserved for examples (RFC 2606): no mail can reach anybody. */
const DOMAINS = ['example.com', 'example.org', 'mail.example.net'];

const plain = (name: string) =>
  name
    .normalize('NFKD')
    .replace(/[^a-zA-Z]/g, '')
    .toLowerCase() || 'x';

const session = (userId: string, tenantId: string, random: () => number, now: Date): typeof sessions.$inferInsert => {
  const at = new Date(now.getTime() - random() * 0.4 * DAY_MS);
  const userAgent = pick(USER_AGENTS, random);
  const ip = `198.51.100.${Math.floor(random() * 254) + 1}`;
  // The hash of nothing anybody holds.
  return {
    id: newId(at),
    userId,
    tenantId,
    tokenHash: newToken(),
    method: 'password',
    createdAt: at,
    lastSeenAt: at,
    authenticatedAt: at,
    ip,
    userAgent,
  };
};

const USER_AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
];
