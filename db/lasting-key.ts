import { createHmac, randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { seal, unseal } from '@/lib/crypto/seal';
import { db } from './client';
import { purposeOf, WRONG_KEY } from './key-proof';
import { lastingKeys } from './schema/lasting-keys';

/**
 * Keyed hashes of values that a row must recognise but not reveal. Each key is made once, sealed in the database and shared by
 * all processes, so a change of AUTH_SECRET or SEALING_KEY does not invalidate the hashes.
 */
const NAMES = ['rate-limits', 'departures'] as const;
export type LastingKey = (typeof NAMES)[number];

// The boot code and the routes are bundled separately but share `globalThis`.
const shared = globalThis as typeof globalThis & { rollcallLastingKeys?: Map<LastingKey, Promise<Buffer>> };
shared.rollcallLastingKeys ??= new Map();
const known = shared.rollcallLastingKeys;

export async function lastingHash(name: LastingKey, text: string): Promise<string> {
  let key = known.get(name);
  if (!key) {
    key = findOrMake(name);
    known.set(name, key);
    key.catch(() => known.delete(name));
  }
  return createHmac('sha256', await key)
    .update(text)
    .digest('base64url');
}

/**
 * Loads the keys before they are needed. Commands use them inside transactions. Waiting there for a second connection would
 * deadlock once such commands hold all connections.
 */
export async function readLastingKeys(): Promise<void> {
  for (const name of NAMES) await lastingHash(name, '');
}

async function findOrMake(name: LastingKey): Promise<Buffer> {
  const fresh = seal(randomBytes(32).toString('base64'), purposeOf(name));
  await db.insert(lastingKeys).values({ name, keySealed: fresh }).onConflictDoNothing();
  const [row] = await db.select().from(lastingKeys).where(eq(lastingKeys.name, name));
  const opened = row ? unseal(row.keySealed, purposeOf(name)) : null;
  if (opened === null) throw new Error(WRONG_KEY);
  return Buffer.from(opened, 'base64');
}
