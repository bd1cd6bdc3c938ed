import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { and, eq } from 'drizzle-orm';
import { db } from '@/db/client';
import { apiAnswers } from '@/db/schema/api-keys';
import { wasUndone } from '@/db/transaction';
import type { KeyActor } from '@/lib/actor';
import { type Answer, problem } from './problem';

/**
 * Idempotency-Key: of all requests of one API key with the same value, one is carried out, and the others get its answer
 * for a day. A unique insert claims the value before the command runs, so that two concurrent requests are carried out
 * once; the second waits a little for the answer. A rolled-back command may be retried. A claim stays if its process died
 * before it answered, or if its commit was not confirmed: the command may have been carried out, so it is not run again.
 */
const WAIT_MS = 100;
const WAITS = 30;

export async function once(
  actor: KeyActor,
  idempotencyKey: string,
  request: { method: string; path: string; body: string },
  carryOut: () => Promise<Answer>,
): Promise<Answer> {
  const fingerprint = createHash('sha256').update(JSON.stringify(request)).digest('base64url');
  const own = and(
    eq(apiAnswers.tenantId, actor.tenantId),
    eq(apiAnswers.keyId, actor.keyId),
    eq(apiAnswers.idempotencyKey, idempotencyKey),
  );
  const claimed = await db
    .insert(apiAnswers)
    .values({ tenantId: actor.tenantId, keyId: actor.keyId, idempotencyKey, fingerprint, createdAt: new Date() })
    .onConflictDoNothing()
    .returning({ keyId: apiAnswers.keyId });
  if (claimed.length === 0) return stored(own, fingerprint);
  const answer = await carryOut().catch(async (error: unknown) => {
    if (wasUndone(error)) await db.delete(apiAnswers).where(own);
    throw error;
  });
  await db.update(apiAnswers).set({ status: answer.status, body: answer.body }).where(own);
  return answer;
}

async function stored(own: ReturnType<typeof and>, fingerprint: string): Promise<Answer> {
  for (let tries = 0; tries < WAITS; tries++) {
    const [there] = await db.select().from(apiAnswers).where(own);
    if (there && there.fingerprint !== fingerprint)
      return problem(422, 'idempotency-key-reused', 'This Idempotency-Key was used for another request.');
    if (there?.status) {
      const type = there.status < 400 ? 'application/json' : 'application/problem+json';
      return {
        status: there.status,
        body: there.body,
        headers: { 'content-type': type, 'idempotency-replayed': 'true' },
      };
    }
    await sleep(WAIT_MS);
  }
  return problem(409, 'in-progress', 'The first request with this Idempotency-Key has not been answered.');
}
