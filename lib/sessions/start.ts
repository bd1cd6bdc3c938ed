import type { Tx } from '@/db/client';
import { newId } from '@/db/id';
import { sessions } from '@/db/schema/sessions';
import type { Origin } from '@/lib/actor';
import { hashToken, newToken } from '@/lib/crypto/tokens';

export type StartedSession = { sessionId: string; token: string };

/** A new session with a new token at every sign-in. The token goes to the holder's cookie and stands nowhere here. */
export async function startSession(
  tx: Tx,
  now: Date,
  user: { id: string; tenantId: string },
  method: 'password' | 'saml',
  origin: Origin,
): Promise<StartedSession> {
  const token = newToken();
  const sessionId = newId(now);
  await tx.insert(sessions).values({
    id: sessionId,
    tenantId: user.tenantId,
    userId: user.id,
    tokenHash: hashToken(token),
    method,
    createdAt: now,
    lastSeenAt: now,
    authenticatedAt: now,
    ip: origin.ip,
    userAgent: origin.userAgent?.slice(0, 500) ?? null,
  });
  return { sessionId, token };
}
