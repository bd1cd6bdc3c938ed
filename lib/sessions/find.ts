import { and, desc, eq, gt, isNull, lt, lte, or, type Placeholder, type SQL, sql } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { prepared } from '@/db/prepared';
import { auditHeads } from '@/db/schema/audit';
import { passkeys, totpFactors } from '@/db/schema/factors';
import { sessions } from '@/db/schema/sessions';
import { tenants } from '@/db/schema/tenants';
import { users } from '@/db/schema/users';
import { acrossTenants } from '@/db/tenant-wall';
import { hashToken } from '@/lib/crypto/tokens';

/**
 * A session that is not open reaches only the page where its second factor is proven or set up, or where its person connects with
 * the identity provider.
 */
export type Standing = 'open' | 'challenge' | 'connect' | 'enrolment';

/**
 * Computed, not stored. A person who has a second factor must prove it in this session; one who has none must set one up if they
 * signed in after the tenant began to require it. SAML sign-ins are secured by the identity provider. If SAML is required, other
 * methods open only a break-glass admin's account. Needs `users` and `tenants` in the query.
 */
export const standing = sql<Standing>`case
  when ${sessions.method} = 'saml' then 'open'
  when ${sessions.secondFactorAt} is null and ${users.mfaEnabled} then 'challenge'
  when ${tenants.saml} = 'required' and not (${users.breakGlass} and ${users.role} = 'tenant_admin') then 'connect'
  when ${sessions.secondFactorAt} is not null then 'open'
  when ${tenants.mfaRequiredSince} <= ${sessions.createdAt} then 'enrolment'
  else 'open' end`;

/** Joins a session to its user. */
export const ofUser = and(eq(users.tenantId, sessions.tenantId), eq(users.id, sessions.userId));

/** Time to enter a code or to set up an authenticator. */
const HALF_OPEN_MINUTES = 30;

/** The session was open until a second factor was set up elsewhere. It is challenged at its next request, however old it is. */
const wasOpen = sql`(${standing} = 'challenge' and (${tenants.mfaRequiredSince} <= ${sessions.createdAt}) is not true and not ${hasEarlier(totpFactors)} and not ${hasEarlier(passkeys)})`;

function hasEarlier(factors: typeof totpFactors | typeof passkeys): SQL {
  return sql`exists (select from ${factors} where ${and(
    eq(factors.tenantId, sessions.tenantId),
    eq(factors.userId, sessions.userId),
    lte(factors.createdAt, sessions.createdAt),
  )})`;
}

/**
 * The single point where a cookie is resolved to a person. It requires an active user and the tenant's limits, so a session that
 * has expired, or whose person was deactivated, is refused even if nobody ended its row. Role and standing are read here on each
 * request and never cached for longer.
 */
export async function findSession(token: string, now = new Date()) {
  const [found] = await acrossTenants(() =>
    ofToken(db).execute({ tokenHash: hashToken(token), now: now.toISOString() }),
  );
  return found ?? null;
}

const ofToken = prepared((on) =>
  on
    .select({
      sessionId: sessions.id,
      standing,
      method: sessions.method,
      userAgent: sessions.userAgent,
      lastSeenAt: sessions.lastSeenAt,
      authenticatedAt: sessions.authenticatedAt,
      userId: users.id,
      email: users.email,
      firstName: users.firstName,
      lastName: users.lastName,
      role: users.role,
      tenantId: tenants.id,
      tenantName: tenants.name,
      /** Moves with every commit that changes what the tenant's list of people shows: see list-tag.ts of the Users page. */
      listChanges: sql<number>`coalesce(${auditHeads.listChanges}, 0)`.mapWith(Number),
    })
    .from(sessions)
    .innerJoin(users, ofUser)
    .innerJoin(tenants, eq(tenants.id, sessions.tenantId))
    .leftJoin(auditHeads, eq(auditHeads.tenantId, sessions.tenantId))
    .where(
      and(
        eq(sessions.tokenHash, sql.placeholder('tokenHash')),
        eq(users.status, 'active'),
        isLive(sql.placeholder('now')),
      ),
    )
    .prepare('find_session'),
);

export type LiveSession = NonNullable<Awaited<ReturnType<typeof findSession>>>;

/** Not ended and within the tenant's limits; needs `users` and `tenants` in the query. */
export const isLive = (now: Date | Placeholder): SQL | undefined => {
  const at = sql`${now instanceof Date ? now.toISOString() : now}::timestamptz`;
  return and(
    isNull(sessions.endedAt),
    sql`${sessions.lastSeenAt} > ${at} - make_interval(hours => ${tenants.sessionIdleHours})`,
    sql`${sessions.createdAt} > ${at} - make_interval(hours => ${tenants.sessionAbsoluteHours})`,
    or(isNull(sessions.notAfter), gt(sessions.notAfter, at)),
    sql`(${standing} = 'open' or ${sessions.createdAt} > ${at} - make_interval(mins => ${HALF_OPEN_MINUTES}) or ${wasOpen})`,
  );
};

const SEEN_EVERY_MS = 60_000;

/**
 * Records that the session was used, at most once a minute: a write on every request would cost more than the look-up. Also
 * corrects a time recorded by a clock that was ahead.
 */
export async function touchSession(session: LiveSession, now = new Date()): Promise<void> {
  if (Math.abs(now.getTime() - session.lastSeenAt.getTime()) < SEEN_EVERY_MS) return;
  await db
    .update(sessions)
    .set({ lastSeenAt: now })
    .where(
      and(
        eq(sessions.tenantId, session.tenantId),
        eq(sessions.id, session.sessionId),
        isNull(sessions.endedAt),
        or(
          lt(sessions.lastSeenAt, new Date(now.getTime() - SEEN_EVERY_MS)),
          gt(sessions.lastSeenAt, new Date(now.getTime() + SEEN_EVERY_MS)),
        ),
      ),
    );
}

/** One session of a person that was not ended. Null if the id is another person's. */
export async function findRunningSession(tx: Tx, whose: { tenantId: string; userId: string }, sessionId: string) {
  const [session] = await tx
    .select({ userAgent: sessions.userAgent })
    .from(sessions)
    .where(
      and(
        eq(sessions.tenantId, whose.tenantId),
        eq(sessions.userId, whose.userId),
        eq(sessions.id, sessionId),
        isNull(sessions.endedAt),
      ),
    );
  return session ?? null;
}

/** The live sessions of a person, the most recently used first. */
export const listSessions = (tenantId: string, userId: string, now = new Date()) =>
  db
    .select({
      id: sessions.id,
      ip: sessions.ip,
      userAgent: sessions.userAgent,
      standing,
      method: sessions.method,
      secondFactor: sessions.secondFactor,
      createdAt: sessions.createdAt,
      lastSeenAt: sessions.lastSeenAt,
    })
    .from(sessions)
    .innerJoin(users, ofUser)
    .innerJoin(tenants, eq(tenants.id, sessions.tenantId))
    .where(and(eq(sessions.tenantId, tenantId), eq(sessions.userId, userId), isLive(now)))
    .orderBy(desc(sessions.lastSeenAt), desc(sessions.id))
    .limit(100)
    .prepare('list_sessions')
    .execute();

export type ListedSession = Awaited<ReturnType<typeof listSessions>>[number];
