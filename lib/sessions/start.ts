import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { newId } from '@/db/id';
import { type SECOND_FACTORS, sessions } from '@/db/schema/sessions';
import { tenants } from '@/db/schema/tenants';
import { type SIGN_IN_METHODS, users } from '@/db/schema/users';
import type { Origin } from '@/lib/actor';
import { hashToken, newToken } from '@/lib/crypto/tokens';
import { ofUser, type Standing, standing } from './find';

export type SignInMethod = (typeof SIGN_IN_METHODS)[number];
export type SecondFactor = (typeof SECOND_FACTORS)[number];

/** The values for the holder's cookie. The token itself is not stored, only its hash. */
export type StartedSession = { sessionId: string; token: string; standing: Standing };

type How = { method: SignInMethod; secondFactor?: SecondFactor; notAfter?: Date | null; authenticatedAt?: Date };

/** Creates a session with a new token at every sign-in; half-open if a second factor is still to be proven. */
export async function startSession(
  tx: Tx,
  now: Date,
  user: { id: string; tenantId: string },
  { method, secondFactor, notAfter, authenticatedAt = now }: How,
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
    secondFactor: secondFactor ?? null,
    secondFactorAt: secondFactor ? now : null,
    createdAt: now,
    lastSeenAt: now,
    authenticatedAt: authenticatedAt < now ? authenticatedAt : now,
    notAfter: notAfter ?? null,
    ip: origin.ip,
    userAgent: origin.userAgent?.slice(0, 500) ?? null,
  });
  return { sessionId, token, standing: await standingOf(tx, user.tenantId, sessionId) };
}

async function standingOf(tx: Tx, tenantId: string, sessionId: string): Promise<Standing> {
  const [row] = await tx
    .select({ standing })
    .from(sessions)
    .innerJoin(users, ofUser)
    .innerJoin(tenants, eq(tenants.id, sessions.tenantId))
    .where(and(eq(sessions.tenantId, tenantId), eq(sessions.id, sessionId)));
  if (!row) throw new Error(`No session ${sessionId}`);
  return row.standing;
}

type Proof = { secondFactor?: SecondFactor; authenticated?: true };

/**
 * Records what was proven in a session and gives it a new token, so that a token known before the proof is useless after it
 * (OWASP ASVS 7.2.4). Null if the session has ended meanwhile.
 */
export async function raiseSession(
  tx: Tx,
  now: Date,
  { tenantId, sessionId }: { tenantId: string; sessionId: string },
  { secondFactor, authenticated }: Proof,
): Promise<StartedSession | null> {
  const token = newToken();
  const [raised] = await tx
    .update(sessions)
    .set({
      tokenHash: hashToken(token),
      // Keeps the factor that opened the session, whatever is proven in it later.
      ...(secondFactor
        ? {
            secondFactor: sql`coalesce(${sessions.secondFactor}, ${secondFactor})`,
            secondFactorAt: sql`coalesce(${sessions.secondFactorAt}, ${now.toISOString()}::timestamptz)`,
          }
        : {}),
      ...(authenticated ? { authenticatedAt: now } : {}),
    })
    .where(and(eq(sessions.tenantId, tenantId), eq(sessions.id, sessionId), isNull(sessions.endedAt)))
    .returning({ id: sessions.id });
  return raised ? { sessionId, token, standing: await standingOf(tx, tenantId, sessionId) } : null;
}
