import { isIP } from 'node:net';
import { eq, sql } from 'drizzle-orm';
import { db } from '@/db/client';
import { databaseMs, trustClock } from '@/db/clock';
import { lastingHash } from '@/db/lasting-key';
import { rateLimits } from '@/db/schema/rate-limits';

/**
 * Tries are counted in Postgres, so that all processes share one count, and before the expensive check, so that a refused try
 * costs one statement. Windows are fixed: at most twice the limit can pass around the edge of two windows.
 */
export type Limit = { name: string; tries: number; windowSeconds: number };

export const LIMITS = {
  /** At most 80 an hour per account, over all addresses. A password reset by mail clears it, so that the owner gets in. */
  signInAccount: { name: 'sign-in-account', tries: 20, windowSeconds: 900 },
  /** For the same account, from a browser in which it has signed in before. */
  signInDevice: { name: 'sign-in-device', tries: 20, windowSeconds: 900 },
  signInAddress: { name: 'sign-in-address', tries: 100, windowSeconds: 900 },
  /** Second-factor codes; the password is already proven here. At most 40 an hour. */
  codesAccount: { name: 'codes-account', tries: 10, windowSeconds: 900 },
  codesAddress: { name: 'codes-address', tries: 50, windowSeconds: 900 },
  /** Password confirmation by a signed-in person. */
  confirmAccount: { name: 'confirm-account', tries: 20, windowSeconds: 900 },
  /** Passkey sign-in requests, which anybody may send. */
  passkeyAddress: { name: 'passkey-address', tries: 100, windowSeconds: 900 },
  forgotAccount: { name: 'forgot-account', tries: 3, windowSeconds: 900 },
  /** 200 requests a second per SCIM token, in windows short enough to wait for. */
  scimToken: { name: 'scim-token', tries: 2_000, windowSeconds: 10 },
  /** Requests refused because of the token, the rate limit or a pause. Beyond this they are answered but not recorded. */
  scimNoise: { name: 'scim-noise', tries: 40, windowSeconds: 900 },
  forgotAddress: { name: 'forgot-address', tries: 20, windowSeconds: 900 },
  apiKey: { name: 'api-key', tries: 600, windowSeconds: 60 },
  /** Reads the whole log. */
  verifyAudit: { name: 'verify-audit', tries: 5, windowSeconds: 60 },
  /** Messages to a tenant's SAML endpoint that anybody could have made. Beyond this they are answered but not recorded. */
  samlNoise: { name: 'saml-noise', tries: 40, windowSeconds: 900 },
  /** SAML requests that we send and anybody may cause. Beyond this they are sent but not recorded. */
  samlSent: { name: 'saml-sent', tries: 40, windowSeconds: 900 },
  /** High, since a whole company may sign in from one address in the morning. */
  samlAddress: { name: 'saml-address', tries: 3000, windowSeconds: 900 },
} as const satisfies Record<string, Limit>;

const keyOf = (limit: Limit, subject: string) =>
  lastingHash('rate-limits', `${limit.name}\0${networkOf(subject.toLowerCase())}`);

/**
 * Maps an IPv6 address to its /64, since its holder can use every address in it (RFC 4291, 2.5.4). Other subjects are unchanged.
 */
function networkOf(subject: string): string {
  const [address = ''] = subject.split('%');
  if (isIP(address) !== 6) return subject;
  // As the host of a URL, an address has one form, the shortest.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = head.split(':').filter(Boolean);
  const after = tail?.split(':').filter(Boolean) ?? [];
  const all = [...groups, ...Array(8 - groups.length - after.length).fill('0'), ...after];
  // All IPv4-mapped addresses share a /64, so each counts by itself.
  const own = all.slice(0, 6).join(':') === '0:0:0:0:0:ffff' ? all : all.slice(0, 4);
  return own.join(':');
}

/**
 * Counts one try and returns by how many the limit is exceeded: 0 is allowed, 1 is the first that is refused. Runs outside any
 * transaction, so a try counts whatever happens next. Throws WrongClock for every subject alike if our clock is wrong.
 */
export async function take(limit: Limit, subject: string | null, now = new Date()): Promise<number> {
  const windowEndsAt = new Date(now.getTime() + limit.windowSeconds * 1000).toISOString();
  const farAhead = new Date(now.getTime() + 2 * limit.windowSeconds * 1000).toISOString();
  // A window that ends later than possible was started by a wrong clock.
  const isOver = sql`(${rateLimits.windowEndsAt} <= ${now.toISOString()} or ${rateLimits.windowEndsAt} > ${farAhead})`;
  const [row] = await db
    .insert(rateLimits)
    .values({ key: await keyOf(limit, subject ?? 'unknown'), count: 1, windowEndsAt: new Date(windowEndsAt) })
    .onConflictDoUpdate({
      target: rateLimits.key,
      set: {
        count: sql`case when ${isOver} then 1 else ${rateLimits.count} + 1 end`,
        windowEndsAt: sql`case when ${isOver} then ${windowEndsAt} else ${rateLimits.windowEndsAt} end`,
      },
    })
    .returning({ count: rateLimits.count, ms: databaseMs })
    .prepare('take')
    .execute();
  trustClock(Number(row?.ms));
  return Math.max(0, (row?.count ?? 1) - limit.tries);
}

/** Takes back a try that was not a guess, since a whole company may sign in from one address in the morning. */
export async function giveBack(limit: Limit, subject: string | null): Promise<void> {
  await db
    .update(rateLimits)
    .set({ count: sql`greatest(${rateLimits.count} - 1, 0)` })
    .where(eq(rateLimits.key, await keyOf(limit, subject ?? 'unknown')))
    .prepare('give_back')
    .execute();
}

/** Resets the counts after a proof of identity. */
export async function clear(...counts: [limit: Limit, subject: string][]): Promise<void> {
  const keys = await Promise.all(counts.map(([limit, subject]) => keyOf(limit, subject)));
  await db
    .delete(rateLimits)
    .where(sql`${rateLimits.key} = any(${sql.param(keys)})`)
    .prepare('clear')
    .execute();
}
