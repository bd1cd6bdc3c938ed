import { and, eq, isNull } from 'drizzle-orm';
import { apiKeys } from '@/db/schema/api-keys';
import { users } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { adminDeed } from '@/lib/users/deed';

/** Revokes any key of the tenant, for any of its admins. The next request with the key is refused. */
export const revokeApiKey = (actor: Actor, input: { keyId: string }) =>
  adminDeed(actor, async (tx, now) => {
    const [key] = await tx
      .update(apiKeys)
      .set({ revokedAt: now })
      .where(and(eq(apiKeys.tenantId, actor.tenantId), eq(apiKeys.id, input.keyId), isNull(apiKeys.revokedAt)))
      .returning({ userId: apiKeys.userId, name: apiKeys.name });
    if (!key) return refuse('key-not-found');
    const [creator] = await tx
      .select()
      .from(users)
      .where(and(eq(users.tenantId, actor.tenantId), eq(users.id, key.userId)));
    const details = { keyId: input.keyId, name: key.name };
    const auditId = await record(tx, now, actor, 'api-key.revoked', creator ?? null, details);
    return done({ auditId });
  });
