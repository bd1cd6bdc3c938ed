import { and, eq, isNull, or, sql } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { apiKeys } from '@/db/schema/api-keys';
import { scimTokens } from '@/db/schema/scim-tokens';
import { sessions } from '@/db/schema/sessions';
import { tenants } from '@/db/schema/tenants';
import { type User, users } from '@/db/schema/users';
import { tenantTransaction, transaction } from '@/db/transaction';
import type { Actor, MachineActor } from '@/lib/actor';
import { type Outcome, refuse } from '@/lib/outcome';
import { ofUser, standing } from '@/lib/sessions/find';
import { lockUser } from './find';
import { mayAdminister } from './policy';

/**
 * How every admin command begins: in one transaction, the actor's authority is read again (it may have changed since the request
 * was admitted), then the person is found in the actor's own tenant and their row is locked. Only then does the command run.
 */
type Common = 'not-allowed' | 'not-found';
type Deed<T, R extends string> = (tx: Tx, now: Date) => Promise<Outcome<T, R>>;
type DeedOn<T, R extends string> = (tx: Tx, now: Date, user: User) => Promise<Outcome<T, R>>;

export async function stillAdministers(tx: Tx, actor: Actor): Promise<boolean> {
  if (actor.kind === 'scim') return isLiveToken(tx, actor);
  if (!('userId' in actor)) return true;
  const person = and(eq(users.tenantId, actor.tenantId), eq(users.id, actor.userId), eq(users.status, 'active'));
  const [now] =
    actor.kind === 'user'
      ? await tx
          .select({ role: users.role })
          .from(sessions)
          .innerJoin(users, ofUser)
          .innerJoin(tenants, eq(tenants.id, sessions.tenantId))
          .where(and(person, eq(sessions.id, actor.sessionId), isNull(sessions.endedAt), sql`${standing} = 'open'`))
      : await tx
          .select({ role: users.role })
          .from(users)
          .innerJoin(apiKeys, and(eq(apiKeys.tenantId, users.tenantId), eq(apiKeys.userId, users.id)))
          .where(and(person, eq(apiKeys.id, actor.keyId), isNull(apiKeys.revokedAt)));
  return now !== undefined && mayAdminister({ ...actor, role: now.role });
}

/** A token that was just revoked or has expired authorises nothing any more. */
async function isLiveToken(tx: Tx, actor: MachineActor): Promise<boolean> {
  const { tenantId, id } = actor;
  if (id === null) return false;
  const [live] = await tx
    .select({ id: scimTokens.id })
    .from(scimTokens)
    .where(
      and(
        eq(scimTokens.tenantId, tenantId),
        eq(scimTokens.id, id),
        isNull(scimTokens.revokedAt),
        or(isNull(scimTokens.expiresAt), sql`${scimTokens.expiresAt} > now()`),
      ),
    );
  return live !== undefined;
}

const begin =
  <T, R extends string>(actor: Actor, deed: Deed<T, R>) =>
  async (tx: Tx, now: Date): Promise<Outcome<T, R | 'not-allowed'>> =>
    (await stillAdministers(tx, actor)) ? deed(tx, now) : refuse('not-allowed');

const on =
  <T, R extends string>(actor: Actor, userId: string, deed: DeedOn<T, R>): Deed<T, R | 'not-found'> =>
  async (tx, now) => {
    const user = await lockUser(tx, actor.tenantId, userId);
    return user ? deed(tx, now, user) : refuse('not-found');
  };

export const adminDeed = <T, R extends string>(
  actor: Actor,
  deed: Deed<T, R>,
): Promise<Outcome<T, R | 'not-allowed'>> => transaction(begin(actor, deed));

/**
 * For results that outlive the session, such as keys: the actor's row is locked first. A concurrent command that ends the actor's
 * access then either commits first and causes a refusal here, or comes later and ends the result too.
 */
export const lastingDeed = <T, R extends string>(
  actor: Actor,
  deed: Deed<T, R>,
): Promise<Outcome<T, R | 'not-allowed'>> =>
  transaction(async (tx, now) => {
    if ('userId' in actor) await lockUser(tx, actor.tenantId, actor.userId);
    return begin(actor, deed)(tx, now);
  });

/** For a command that can reduce the number of admins but concerns no single person: holds the tenant's lock. */
export const guardedDeed = <T, R extends string>(
  actor: Actor,
  deed: Deed<T, R>,
): Promise<Outcome<T, R | 'not-allowed'>> => tenantTransaction(actor.tenantId, begin(actor, deed));

export const deedOnUser = <T, R extends string>(
  actor: Actor,
  userId: string,
  deed: DeedOn<T, R>,
): Promise<Outcome<T, R | Common>> => transaction(begin(actor, on(actor, userId, deed)));

/** For a command on one person that can reduce the number of admins: such commands of one tenant run one after the other. */
export const guardedDeedOnUser = <T, R extends string>(
  actor: Actor,
  userId: string,
  deed: DeedOn<T, R>,
): Promise<Outcome<T, R | Common>> => tenantTransaction(actor.tenantId, begin(actor, on(actor, userId, deed)));
