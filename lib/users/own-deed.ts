import { and, eq, isNull } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { sessions } from '@/db/schema/sessions';
import { tenants } from '@/db/schema/tenants';
import { type User, users } from '@/db/schema/users';
import { transaction } from '@/db/transaction';
import type { Actor, UserActor } from '@/lib/actor';
import { type Outcome, refuse } from '@/lib/outcome';
import { ofUser, type Standing, standing } from '@/lib/sessions/find';
import { lockUser } from './find';

/**
 * How every command on one's own account begins: the person's row is locked and the session is read again, since it may have just
 * ended, or only the password may be proven in it. Commands that could lock the owner out require a fresh proof: a stolen cookie
 * alone must not be enough ("sudo").
 */
const RECENT_MS = 10 * 60_000;

export const isRecentProof = (authenticatedAt: Date, now = new Date()): boolean =>
  now.getTime() - authenticatedAt.getTime() <= RECENT_MS;

type Needs = { recent?: true; standings?: readonly Standing[] };
type Common = 'signed-out' | 'proof-needed';
type OwnDeed<T, R extends string> = (tx: Tx, now: Date, user: User, at: Standing) => Promise<Outcome<T, R>>;

const OPEN: readonly Standing[] = ['open'];

export const ownDeed = <T, R extends string = never>(
  actor: UserActor,
  deed: OwnDeed<T, R>,
  { recent, standings = OPEN }: Needs = {},
): Promise<Outcome<T, R | Common>> =>
  transaction(async (tx, now) => {
    const user = await lockUser(tx, actor.tenantId, actor.userId);
    const session = await runningSession(tx, actor);
    if (user?.status !== 'active' || !session || !standings.includes(session.standing)) return refuse('signed-out');
    // A person sent to enrolment has just proven the password, and may need longer to install an app.
    if (recent && session.standing === 'open' && !isRecentProof(session.authenticatedAt, now))
      return refuse('proof-needed');
    return deed(tx, now, user, session.standing);
  });

/**
 * For admin commands that a stolen cookie alone must not allow: on their own account, those that create lasting access (a key, a
 * token, another admin), and those that open somebody else's account (their address, second factor or invitation).
 */
export async function hasRecentProof(tx: Tx, now: Date, actor: Actor): Promise<boolean> {
  if (actor.kind !== 'user') return true;
  const session = await runningSession(tx, actor);
  return session !== null && isRecentProof(session.authenticatedAt, now);
}

export async function runningSession(tx: Tx, actor: UserActor) {
  const [session] = await tx
    .select({ standing, authenticatedAt: sessions.authenticatedAt })
    .from(sessions)
    .innerJoin(users, ofUser)
    .innerJoin(tenants, eq(tenants.id, sessions.tenantId))
    .where(
      and(
        eq(sessions.id, actor.sessionId),
        eq(sessions.tenantId, actor.tenantId),
        eq(sessions.userId, actor.userId),
        isNull(sessions.endedAt),
      ),
    );
  return session ?? null;
}
