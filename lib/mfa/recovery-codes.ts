import { randomBytes, randomInt } from 'node:crypto';
import { hashRaw } from '@node-rs/argon2';
import { and, count, eq, isNull } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { db } from '@/db/client';
import { recoveryCodes } from '@/db/schema/factors';
import { ARGON, inTurn } from '@/lib/crypto/password';

/**
 * For people who have lost their second factor. Ten codes of 50 random bits, each valid once; new ones replace the old ones. They
 * are too short for a plain hash, so they are hashed like passwords (OWASP ASVS 6.5.2), with one salt for all ten.
 */
export const RECOVERY_CODES = 10;
/** Without letters and digits that are easily confused (Crockford's base 32). */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

type Whose = { id: string; tenantId: string };

const newCode = () => Array.from({ length: 10 }, () => ALPHABET[randomInt(32)]).join('');
const shown = (code: string) => `${code.slice(0, 5)}-${code.slice(5)}`;

/** Normalises a typed code and corrects confused letters. Null if it cannot be a code. */
export function readRecoveryCode(typed: string): string | null {
  const code = typed.toLowerCase().replace(/[\s-]/g, '').replace(/o/g, '0').replace(/[il]/g, '1');
  return code.length === 10 && [...code].every((letter) => ALPHABET.includes(letter)) ? code : null;
}

const hashCode = async (code: string, salt: string): Promise<string> =>
  (await inTurn(() => hashRaw(code, { ...ARGON, salt: Buffer.from(salt, 'base64') }))).toString('base64');

const of = (user: Whose) => and(eq(recoveryCodes.tenantId, user.tenantId), eq(recoveryCodes.userId, user.id));

/** Replaces all codes with ten new ones. Show the returned codes once: the rows keep only hashes. */
export async function makeRecoveryCodes(tx: Tx, now: Date, user: Whose): Promise<string[]> {
  const salt = randomBytes(16).toString('base64');
  const codes = [...new Set(Array.from({ length: RECOVERY_CODES * 2 }, newCode))].slice(0, RECOVERY_CODES);
  const hashes = await Promise.all(codes.map((code) => hashCode(code, salt)));
  await dropRecoveryCodes(tx, user);
  await tx
    .insert(recoveryCodes)
    .values(hashes.map((hash) => ({ tenantId: user.tenantId, userId: user.id, hash, salt, createdAt: now })));
  return codes.map(shown);
}

export async function dropRecoveryCodes(tx: Tx, user: Whose): Promise<void> {
  await tx.delete(recoveryCodes).where(of(user));
}

/**
 * Claims the code by a conditional update, so that one of two concurrent tries wins. Null if it is not an unused code of theirs.
 */
export async function spendRecoveryCode(
  tx: Tx,
  now: Date,
  user: Whose,
  code: string,
): Promise<{ left: number } | null> {
  const [any] = await tx.select({ salt: recoveryCodes.salt }).from(recoveryCodes).where(of(user)).limit(1);
  if (!any) return null;
  const spent = await tx
    .update(recoveryCodes)
    .set({ usedAt: now })
    .where(and(of(user), eq(recoveryCodes.hash, await hashCode(code, any.salt)), isNull(recoveryCodes.usedAt)))
    .returning({ hash: recoveryCodes.hash });
  return spent.length === 0 ? null : { left: await countRecoveryCodes(user, tx) };
}

/** How many are unused. */
export async function countRecoveryCodes(user: Whose, on: Tx | typeof db = db): Promise<number> {
  const [row] = await on
    .select({ n: count() })
    .from(recoveryCodes)
    .where(and(of(user), isNull(recoveryCodes.usedAt)));
  return row?.n ?? 0;
}
