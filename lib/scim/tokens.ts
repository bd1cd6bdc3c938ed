import { and, desc, eq, isNull, lt, or } from 'drizzle-orm';
import { db } from '@/db/client';
import { violates } from '@/db/conflict';
import { newId } from '@/db/id';
import { scimConnections } from '@/db/schema/scim';
import { type ScimToken, scimTokens } from '@/db/schema/scim-tokens';
import { acrossTenants, speakFor } from '@/db/tenant-wall';
import type { Actor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { bearerHash, newBearer } from '@/lib/crypto/bearer-tokens';
import { done, refuse } from '@/lib/outcome';
import { adminDeed, lastingDeed } from '@/lib/users/deed';
import { hasRecentProof } from '@/lib/users/own-deed';

/** Tokens of identity providers: shown once, stored as a hash. A token stops working at once when it is revoked or expires. */
const DAY_MS = 86_400_000;
export const MOST_DAYS = 3_650;

type NewToken = { name: string; days: number | null };
type Made = { auditId: string; id: string; name: string; token: string; hint: string; expiresAt: Date | null };

export async function createToken(actor: Actor, { name, days }: NewToken) {
  if (days !== null && (days < 1 || days > MOST_DAYS)) return refuse('token-expiry');
  const { token, hash, hint } = newBearer('scim');
  try {
    return await lastingDeed<Made, 'proof-needed'>(actor, async (tx, now) => {
      // The token can change the addresses by which people sign in, and it outlives this session.
      if (!(await hasRecentProof(tx, now, actor))) return refuse('proof-needed');
      const id = newId(now);
      const expiresAt = days === null ? null : new Date(now.getTime() + days * DAY_MS);
      const row = { id, tenantId: actor.tenantId, name, tokenHash: hash, hint, createdBy: actor.label };
      await tx.insert(scimTokens).values({ ...row, createdAt: now, expiresAt });
      const details = { tokenId: id, name, expiresAt: expiresAt?.toISOString() ?? null };
      const auditId = await record(tx, now, actor, 'scim.token-created', null, details);
      return done({ auditId, id, name, token, hint, expiresAt });
    });
  } catch (error) {
    if (violates(error, 'scim_tokens_name')) return refuse('token-name-taken');
    throw error;
  }
}

/** By id, or by name as on the command line. */
export const revokeToken = (actor: Actor, which: { tokenId: string } | { name: string }) =>
  adminDeed(actor, async (tx, now) => {
    const [revoked] = await tx
      .update(scimTokens)
      .set({ revokedAt: now })
      .where(
        and(
          eq(scimTokens.tenantId, actor.tenantId),
          'tokenId' in which ? eq(scimTokens.id, which.tokenId) : eq(scimTokens.name, which.name),
          isNull(scimTokens.revokedAt),
        ),
      )
      .returning({ id: scimTokens.id, name: scimTokens.name });
    if (!revoked) return refuse('token-not-found');
    const details = { tokenId: revoked.id, name: revoked.name };
    return done({ auditId: await record(tx, now, actor, 'scim.token-revoked', null, details), ...revoked });
  });

export const listTokens = (tenantId: string): Promise<ScimToken[]> =>
  db.select().from(scimTokens).where(eq(scimTokens.tenantId, tenantId)).orderBy(desc(scimTokens.createdAt));

export type Standing = 'live' | 'expired' | 'revoked';

export function standingOf({ revokedAt, expiresAt }: ScimToken, now: Date): Standing {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'live';
}

/** The token row for an `Authorization` header, live or not; null if there is none. */
export async function findToken(authorization: string | null) {
  const hash = bearerHash('scim', authorization);
  if (!hash) return null;
  const [found] = await acrossTenants(() =>
    db
      .select({ token: scimTokens, pausedAt: scimConnections.pausedAt })
      .from(scimTokens)
      .leftJoin(scimConnections, eq(scimConnections.tenantId, scimTokens.tenantId))
      .where(eq(scimTokens.tokenHash, hash))
      .prepare('find_scim_token')
      .execute(),
  );
  if (found) speakFor(found.token.tenantId);
  return found ?? null;
}

const USED_EVERY_MS = 60_000;

/** Writes at most once a minute, even under concurrent requests. */
export async function touchToken({ id, tenantId, lastUsedAt }: ScimToken, now: Date): Promise<void> {
  const before = new Date(now.getTime() - USED_EVERY_MS);
  if (lastUsedAt !== null && lastUsedAt > before) return;
  await db
    .update(scimTokens)
    .set({ lastUsedAt: now })
    .where(
      and(
        eq(scimTokens.tenantId, tenantId),
        eq(scimTokens.id, id),
        or(isNull(scimTokens.lastUsedAt), lt(scimTokens.lastUsedAt, before)),
      ),
    );
}
