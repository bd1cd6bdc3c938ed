import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { env } from '@/lib/env';

/**
 * The id of a request to an identity provider encodes when it was issued, for which connection and for what, with a MAC.
 * Checking it needs no stored row, so issuing it, by a GET, changes nothing. It is valid for ten minutes. The table of
 * spent ids makes sure that it is answered only once. Form (an NCName): `_<kind><time>.<nonce>.<mac>`.
 */
export const REQUEST_MINUTES = 10;

const KINDS = { s: 'sign-in', a: 'again', t: 'test' } as const;
type Letter = keyof typeof KINDS;
/** `again`: a signed-in person authenticates again, so the provider must not rely on an earlier sign-in. */
export type RequestKind = (typeof KINDS)[Letter];

const mac = (body: string, connectionId: string, secret = env().AUTH_SECRET) =>
  createHmac('sha256', secret).update(`saml-request\0${connectionId}\0${body}`).digest('base64url');

export function newRequestId(kind: RequestKind, connectionId: string, now: Date): string {
  const letter = Object.entries(KINDS).find(([, each]) => each === kind)?.[0];
  const body = `${letter}${Math.floor(now.getTime() / 1000).toString(36)}.${randomBytes(16).toString('base64url')}`;
  return `_${body}.${mac(body, connectionId)}`;
}

export type ReadRequest = { kind: RequestKind; askedAt: Date };

/** `unknown`: not issued by us, or for another connection. `old`: issued too long ago. */
export function readRequestId(id: string, connectionId: string, now: Date): ReadRequest | 'unknown' | 'old' {
  const [, body = '', letter = '', time = '', given = ''] =
    /^_(([sat])([0-9a-z]{6,8})\.[A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/.exec(id) ?? [];
  const isBy = (secret: string) => {
    const expected = mac(body, connectionId, secret);
    return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
  };
  if (![env().AUTH_SECRET, ...env().AUTH_SECRET_PREVIOUS].some(isBy)) return 'unknown';
  const askedAt = new Date(Number.parseInt(time, 36) * 1000);
  if (now.getTime() - askedAt.getTime() > REQUEST_MINUTES * 60_000) return 'old';
  return { kind: KINDS[letter as Letter], askedAt };
}
