import { and, eq, isNull, sql } from 'drizzle-orm';
import { violates } from '@/db/conflict';
import { newId } from '@/db/id';
import { apiKeys } from '@/db/schema/api-keys';
import type { UserActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { newBearer } from '@/lib/crypto/bearer-tokens';
import { done, refuse } from '@/lib/outcome';
import { lastingDeed } from '@/lib/users/deed';
import { hasRecentProof } from '@/lib/users/own-deed';
import { placeOf, tell } from '@/lib/users/tell';

const DAY_MS = 86_400_000;
/** More keys than a tenant needs, fewer than would hurt. */
const MOST = 200;

/**
 * Creates a key for the actor. Only a signed-in person can, so that no key creates another. The token is in the answer and
 * nowhere else. A name is unique among keys that are not revoked, so that a form sent twice creates one key.
 */
export const createApiKey = (actor: UserActor, input: { name: string; days: number | null }) =>
  lastingDeed(actor, async (tx, now) => {
    // The key outlives this session.
    if (!(await hasRecentProof(tx, now, actor))) return refuse('proof-needed');
    const live = and(eq(apiKeys.tenantId, actor.tenantId), isNull(apiKeys.revokedAt));
    const [there] = await tx
      .select({
        all: sql<number>`count(*)::int`,
        named: sql<number>`count(*) filter (where lower(${apiKeys.name}) = lower(${input.name}))::int`,
      })
      .from(apiKeys)
      .where(live);
    if (there && there.named > 0) return refuse('key-name-taken');
    if (there && there.all >= MOST) return refuse('too-many-keys');

    const { token, hash, hint } = newBearer('apiKey');
    const expiresAt = input.days === null ? null : new Date(now.getTime() + input.days * DAY_MS);
    const id = newId(now);
    await tx.insert(apiKeys).values({
      id,
      tenantId: actor.tenantId,
      userId: actor.userId,
      name: input.name,
      tokenHash: hash,
      hint,
      createdAt: now,
      expiresAt,
    });
    const details = { keyId: id, name: input.name, expiresAt: expiresAt?.toISOString() ?? null };
    const owner = { id: actor.userId, email: actor.label, tenantId: actor.tenantId };
    await tell(tx, now, owner, { kind: 'api-key-made', name: input.name, from: placeOf(actor.origin) });
    await record(tx, now, actor, 'api-key.created', { id: actor.userId, email: actor.label }, details);
    return done({ id, token, expiresAt });
  }).catch((error: unknown) => {
    // Of two concurrent requests with the same name, the unique index lets one through.
    if (violates(error, 'api_keys_name')) return refuse('key-name-taken');
    throw error;
  });
