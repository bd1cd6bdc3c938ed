import { createHash } from 'node:crypto';
import { hashToken, newToken } from './tokens';

/**
 * Tokens for machines: `<prefix>_<43 characters>_<6 characters>`. The prefix identifies the token wherever it turns up (a
 * log, a repository). The last part is a checksum, so that a scanner and our own check tell a mistyped token from a real
 * one without a query. Shown once; the row stores the hash.
 */
export const BEARER_PREFIXES = { scim: 'rcscim', apiKey: 'rckey' } as const;
export type BearerKind = keyof typeof BEARER_PREFIXES;

const FORM = /^([a-z]+)_([A-Za-z0-9_-]{43})_([0-9a-f]{6})$/;

const checksum = (body: string) => createHash('sha256').update(body).digest('hex').slice(0, 6);

export type NewBearer = { token: string; hash: string; hint: string };

/** `hint` may be shown in a list: the prefix and the last four characters of the random part. */
export function newBearer(kind: BearerKind): NewBearer {
  const random = newToken();
  const body = `${BEARER_PREFIXES[kind]}_${random}`;
  const token = `${body}_${checksum(body)}`;
  return { token, hash: hashToken(token), hint: `${BEARER_PREFIXES[kind]}_…${random.slice(-4)}` };
}

/** The hash to look up, from an `Authorization` header (RFC 6750, 2.1). Null if it holds no token of this kind. */
export function bearerHash(kind: BearerKind, authorization: string | null): string | null {
  const [, token = ''] = /^Bearer +(\S{1,200})$/i.exec(authorization ?? '') ?? [];
  const [, prefix, random, sum] = FORM.exec(token) ?? [];
  if (prefix !== BEARER_PREFIXES[kind] || checksum(`${prefix}_${random}`) !== sum) return null;
  return hashToken(token);
}
