import { and, desc, eq, gt, isNull, lt, or, sql } from 'drizzle-orm';
import { db } from '@/db/client';
import { apiKeys } from '@/db/schema/api-keys';
import { users } from '@/db/schema/users';
import { acrossTenants, speakFor } from '@/db/tenant-wall';
import type { KeyActor, Origin } from '@/lib/actor';
import { bearerHash } from '@/lib/crypto/bearer-tokens';

/**
 * The only place where a token is resolved to a person. It joins an active creator, so that a key is dead when its creator
 * loses access, even if nobody revoked it. The role is the creator's current one: a demoted creator is refused by the API,
 * and the key works again once they are an admin again.
 */
export async function findKey(
  authorization: string | null,
  origin: Origin,
  now = new Date(),
): Promise<KeyActor | null> {
  const hash = bearerHash('apiKey', authorization);
  if (hash === null) return null;
  const [found] = await acrossTenants(() =>
    db
      .select({
        keyId: apiKeys.id,
        keyName: apiKeys.name,
        tenantId: apiKeys.tenantId,
        userId: users.id,
        role: users.role,
        label: users.email,
        lastUsedAt: apiKeys.lastUsedAt,
      })
      .from(apiKeys)
      .innerJoin(users, and(eq(users.tenantId, apiKeys.tenantId), eq(users.id, apiKeys.userId)))
      .where(
        and(
          eq(apiKeys.tokenHash, hash),
          isNull(apiKeys.revokedAt),
          or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now)),
          eq(users.status, 'active'),
        ),
      )
      .prepare('find_key')
      .execute(),
  );
  if (!found) return null;
  speakFor(found.tenantId);
  const { lastUsedAt, ...actor } = found;
  await touch(actor, lastUsedAt, now);
  return { kind: 'api_key', ...actor, origin };
}

const USED_EVERY_MS = 60_000;

/** Writes at most once a minute, as for sessions. */
async function touch(
  { tenantId, keyId }: Pick<KeyActor, 'tenantId' | 'keyId'>,
  lastUsedAt: Date | null,
  now: Date,
): Promise<void> {
  if (lastUsedAt && now.getTime() - lastUsedAt.getTime() < USED_EVERY_MS) return;
  await db
    .update(apiKeys)
    .set({ lastUsedAt: now })
    .where(
      and(
        eq(apiKeys.tenantId, tenantId),
        eq(apiKeys.id, keyId),
        or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, new Date(now.getTime() - USED_EVERY_MS))),
      ),
    );
}

const listed = {
  id: apiKeys.id,
  name: apiKeys.name,
  hint: apiKeys.hint,
  createdAt: apiKeys.createdAt,
  expiresAt: apiKeys.expiresAt,
  lastUsedAt: apiKeys.lastUsedAt,
  creatorId: users.id,
  creatorEmail: users.email,
  creatorName: sql<string | null>`nullif(trim(${users.firstName} || ' ' || ${users.lastName}), '')`,
  creatorRole: users.role,
};

const keysWhere = (tenantId: string, more?: ReturnType<typeof eq>) =>
  db
    .select(listed)
    .from(apiKeys)
    .innerJoin(users, and(eq(users.tenantId, apiKeys.tenantId), eq(users.id, apiKeys.userId)))
    .where(and(eq(apiKeys.tenantId, tenantId), isNull(apiKeys.revokedAt), more))
    .orderBy(desc(apiKeys.id));

/** Keys that are not revoked, including expired ones, newest first: all of the tenant, or one person's. */
export const listKeys = (tenantId: string, creatorId?: string) =>
  keysWhere(tenantId, creatorId === undefined ? undefined : eq(apiKeys.userId, creatorId));

export type ListedKey = Awaited<ReturnType<typeof listKeys>>[number];

/** Null for a key of another tenant, and for a revoked one. */
export async function findListedKey(tenantId: string, keyId: string): Promise<ListedKey | null> {
  const [key] = await keysWhere(tenantId, eq(apiKeys.id, keyId));
  return key ?? null;
}
