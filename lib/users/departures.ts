import { createHmac } from 'node:crypto';
import { and, eq, inArray } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { scimDepartures } from '@/db/schema/scim';
import { env } from '@/lib/env';

/**
 * Whom the identity provider deleted does not come back by the side door (a sign-in that makes accounts) until it creates
 * them again. Kept by a keyed hash of names and addresses, since the fact must outlive the person's row and say nothing
 * about them.
 */
const hashOf = (name: string) =>
  createHmac('sha256', Buffer.from(env().SEALING_KEY, 'base64'))
    .update(`scim-departure\0${name.toLowerCase()}`)
    .digest('base64url');

export async function noteDeparture(tx: Tx, now: Date, tenantId: string, names: string[]): Promise<void> {
  await tx
    .insert(scimDepartures)
    .values([...new Set(names.map(hashOf))].map((nameHash) => ({ tenantId, nameHash, at: now })))
    .onConflictDoNothing();
}

const among = (tenantId: string, names: string[]) =>
  and(eq(scimDepartures.tenantId, tenantId), inArray(scimDepartures.nameHash, names.map(hashOf)));

export async function forgetDeparture(tx: Tx, tenantId: string, names: string[]): Promise<void> {
  await tx.delete(scimDepartures).where(among(tenantId, names));
}

/** For any door that would make an account on its own: whether the identity provider has deleted this address or name. */
export async function isDeprovisioned(tenantId: string, name: string, on: Tx | typeof db = db): Promise<boolean> {
  const found = await on
    .select({ at: scimDepartures.at })
    .from(scimDepartures)
    .where(among(tenantId, [name]));
  return found.length > 0;
}
