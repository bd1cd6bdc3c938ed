import { decode, encode, type JWT } from 'next-auth/jwt';
import { MOST_HOURS } from '@/db/schema/tenants';
import { env } from '@/lib/env';

/**
 * The session cookie: next-auth's encrypted token (JWE), which carries the name of a row in `sessions` and nothing else.
 * Over HTTPS it is a `__Host-` cookie; plain HTTP is for a laptop.
 */
const secure = () => env().APP_URL.startsWith('https:');

/** Over HTTPS every cookie of ours is of this host alone (RFC 6265bis, 4.1.3.2): no neighbouring one can set it. */
export const ownCookieName = (name: string): string => (secure() ? `__Host-${name}` : name);

export const sessionCookieName = (): string => ownCookieName('rollcall-session');

/** The row decides how long a session lives; the cookie only has to outlast the longest one. */
const MAX_AGE_SECONDS = MOST_HOURS * 3600;

/** That somebody has signed in from this browser before. It opens nothing. */
export const deviceCookieName = (): string => ownCookieName('rollcall-device');
export const DEVICE_SECONDS = 365 * 24 * 3600;

export const sessionCookieOptions = () =>
  ({ httpOnly: true, secure: secure(), sameSite: 'lax', path: '/', maxAge: MAX_AGE_SECONDS }) as const;

export const encodeSessionCookie = (sessionToken: string): Promise<string> =>
  encode({ token: { sid: sessionToken }, secret: env().AUTH_SECRET, maxAge: MAX_AGE_SECONDS });

/** Sealed by the present secret or by one before it, while that is still given (docs/keys.md). Null for anything else. */
export async function openToken(token: string | undefined): Promise<JWT | null> {
  for (const secret of [env().AUTH_SECRET, ...env().AUTH_SECRET_PREVIOUS]) {
    const opened = await decode({ token, secret }).catch(() => null);
    if (opened) return opened;
  }
  return null;
}

/**
 * Of the cookies that came last, what each said and until when: opening one costs more than the look-up of the session that it
 * names, and says the same each time, while the secrets are the same. Whether that session lives is not kept here.
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
