import { isIP } from 'node:net';
import { eq, sql } from 'drizzle-orm';
import { db } from '@/db/client';
import { databaseMs, trustClock } from '@/db/clock';
import { lastingHash } from '@/db/lasting-key';
import { rateLimits } from '@/db/schema/rate-limits';

/**
 * Guesses are counted in Postgres, so that all processes share one count, and before the costly check, so that a refused
 * try costs one statement. Fixed windows: at most twice the limit can pass across the edge of two windows.
 */
export type Limit = { name: string; tries: number; windowSeconds: number };

export const LIMITS = {
  /** 80 an hour on one account at most, from everywhere together. A password reset by mail clears it: the owner gets in. */
  signInAccount: { name: 'sign-in-account', tries: 20, windowSeconds: 900 },
  /** The same account from a browser in which it has signed in before. */
  signInDevice: { name: 'sign-in-device', tries: 20, windowSeconds: 900 },
  signInAddress: { name: 'sign-in-address', tries: 100, windowSeconds: 900 },
  /** Codes of a second factor: whoever tries one has proven the password already. 40 an hour at most. */
  codesAccount: { name: 'codes-account', tries: 10, windowSeconds: 900 },
  codesAddress: { name: 'codes-address', tries: 50, windowSeconds: 900 },
  /** The password again, by somebody signed in. */
  confirmAccount: { name: 'confirm-account', tries: 20, windowSeconds: 900 },
  /** Questions for a passkey, which anybody may ask. */
  passkeyAddress: { name: 'passkey-address', tries: 100, windowSeconds: 900 },
  forgotAccount: { name: 'forgot-account', tries: 3, windowSeconds: 900 },
  /** Two hundred requests a second of one SCIM token, in windows that are short enough to wait for. */
  scimToken: { name: 'scim-token', tries: 2_000, windowSeconds: 10 },
  /** Requests refused for their token, a pace or a pause: beyond these they are answered but not noted. */
  scimNoise: { name: 'scim-noise', tries: 40, windowSeconds: 900 },
  forgotAddress: { name: 'forgot-address', tries: 20, windowSeconds: 900 },
  apiKey: { name: 'api-key', tries: 600, windowSeconds: 60 },
  /** Reads the whole log. */
  verifyAudit: { name: 'verify-audit', tries: 5, windowSeconds: 60 },
  /** Messages to a tenant's SAML address that anybody could have made: beyond these they are answered but not noted. */
  samlNoise: { name: 'saml-noise', tries: 40, windowSeconds: 900 },
  /** Questions that anybody may have asked, likewise. */
  samlSent: { name: 'saml-sent', tries: 40, windowSeconds: 900 },
  /** A whole company may come from one address in the morning. */
  samlAddress: { name: 'saml-address', tries: 3000, windowSeconds: 900 },
} as const satisfies Record<string, Limit>;

const keyOf = (limit: Limit, subject: string) =>
  lastingHash('rate-limits', `${limit.name}\0${networkOf(subject.toLowerCase())}`);

/** Who holds one IPv6 address holds its /64, with as many addresses as they like (RFC 4291, 2.5.4). Anything else is itself. */
function networkOf(subject: string): string {
  const [address = ''] = subject.split('%');
  if (isIP(address) !== 6) return subject;
  // As a host of a URL it is in one form, the shortest.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = head.split(':').filter(Boolean);
  const after = tail?.split(':').filter(Boolean) ?? [];
  const all = [...groups, ...Array(8 - groups.length - after.length).fill('0'), ...after];
  // An IPv4 address in IPv6 clothes: all of those share a /64.
  const own = all.slice(0, 6).join(':') === '0:0:0:0:0:ffff' ? all : all.slice(0, 4);
  return own.join(':');
}

/**
 * Counts one try, and answers by how many it is over the limit: 0 is allowed, 1 the first that is not. Not part of any
 * transaction: a try counts whatever becomes of it. Where the clock is wrong nobody gets further, whoever they name.
 */
export async function take(limit: Limit, subject: string | null, now = new Date()): Promise<number> {
  const windowEndsAt = new Date(now.getTime() + limit.windowSeconds * 1000).toISOString();
  const farAhead = new Date(now.getTime() + 2 * limit.windowSeconds * 1000).toISOString();
  // One that ends later than any could was begun by a clock that was wrong.
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

/** A try that turned out to be no guess is not counted: a whole company may sign in from one address in the morning. */
export async function giveBack(limit: Limit, subject: string | null): Promise<void> {
  await db
    .update(rateLimits)
    .set({ count: sql`greatest(${rateLimits.count} - 1, 0)` })
    .where(eq(rateLimits.key, await keyOf(limit, subject ?? 'unknown')))
    .prepare('give_back')
    .execute();
}

/** After a proof of identity the counts start anew. */
export async function clear(...counts: [limit: Limit, subject: string][]): Promise<void> {
  const keys = await Promise.all(counts.map(([limit, subject]) => keyOf(limit, subject)));
  await db
    .delete(rateLimits)
    .where(sql`${rateLimits.key} = any(${sql.param(keys)})`)
    .prepare('clear')
    .execute();
}
