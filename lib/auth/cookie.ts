import { decode, encode, type JWT } from 'next-auth/jwt';
import { MOST_HOURS } from '@/db/schema/tenants';
import { env } from '@/lib/env';

/**
 * The session cookie: next-auth's encrypted token (JWE), which holds the token of a row in `sessions` and nothing else.
 * Over HTTPS it is a `__Host-` cookie; plain HTTP is for local use.
 */
const secure = () => env().APP_URL.startsWith('https:');

/** Over HTTPS every cookie of ours is bound to this host (RFC 6265bis, 4.1.3.2): no sibling host can set it. */
export const ownCookieName = (name: string): string => (secure() ? `__Host-${name}` : name);

export const sessionCookieName = (): string => ownCookieName('rollcall-session');

/** The row decides how long a session lives; the cookie only has to outlast the longest one. */
const MAX_AGE_SECONDS = MOST_HOURS * 3600;

/** Marks a browser in which somebody has signed in before. It grants no access. */
export const deviceCookieName = (): string => ownCookieName('rollcall-device');
export const DEVICE_SECONDS = 365 * 24 * 3600;

export const sessionCookieOptions = () =>
  ({ httpOnly: true, secure: secure(), sameSite: 'lax', path: '/', maxAge: MAX_AGE_SECONDS }) as const;

export const encodeSessionCookie = (sessionToken: string): Promise<string> =>
  encode({ token: { sid: sessionToken }, secret: env().AUTH_SECRET, maxAge: MAX_AGE_SECONDS });

/** Opens a token encrypted with the current or a still configured previous secret (docs/keys.md). Null for anything else. */
export async function openToken(token: string | undefined): Promise<JWT | null> {
  for (const secret of [env().AUTH_SECRET, ...env().AUTH_SECRET_PREVIOUS]) {
    const opened = await decode({ token, secret }).catch(() => null);
    if (opened) return opened;
  }
  return null;
}

/**
 * Caches the session token and expiry of recent cookies: decrypting one costs more than the session look-up, and always
 * gives the same result while the secrets are the same. Whether the session is live is not cached.
 */
const opened = new Map<string, { sid: string; until: number }>();
let openedBy = '';
const MOST_OPENED = 2_000;

/** Null for anything that this product did not issue. */
export async function decodeSessionCookie(value: string | undefined): Promise<string | null> {
  if (!value || value.length > 4096) return null;
  const secrets = [env().AUTH_SECRET, ...env().AUTH_SECRET_PREVIOUS].join();
  if (secrets !== openedBy) opened.clear();
  openedBy = secrets;
  const known = opened.get(value);
  if (known && Date.now() < known.until) return known.sid;
  const token = await openToken(value);
  if (typeof token?.sid !== 'string' || typeof token.exp !== 'number') return null;
  const [oldest] = opened.keys();
  if (opened.size >= MOST_OPENED && oldest) opened.delete(oldest);
  opened.set(value, { sid: token.sid, until: token.exp * 1000 });
  return token.sid;
}
