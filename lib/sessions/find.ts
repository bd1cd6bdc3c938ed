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
 * A session that is not open yet reaches nothing but the page where its second factor is proven or set up, or where its person
 * is connected with the identity provider.
 */
export type Standing = 'open' | 'challenge' | 'connect' | 'enrolment';

/**
 * Computed, not kept: who has a second factor must have proven it in this session, and so must whoever signed in since the
 * tenant requires one. SAML is the identity provider's to secure; where it is required, nothing else opens anything but a
 * break-glass admin's account. Needs `users` and `tenants` in the query.
 */
export const standing = sql<Standing>`case
  when ${sessions.method} = 'saml' then 'open'
  when ${sessions.secondFactorAt} is null and ${users.mfaEnabled} then 'challenge'
  when ${tenants.saml} = 'required' and not (${users.breakGlass} and ${users.role} = 'tenant_admin') then 'connect'
  when ${sessions.secondFactorAt} is not null then 'open'
  when ${tenants.mfaRequiredSince} <= ${sessions.createdAt} then 'enrolment'
  else 'open' end`;

/** Whose a session is, for a join. */
export const ofUser = and(eq(users.tenantId, sessions.tenantId), eq(users.id, sessions.userId));

/** Time to type a code, or to set an authenticator up. */
const HALF_OPEN_MINUTES = 30;

/** Open until a second factor was set up elsewhere: it is challenged at its next click, however old it is. */
const wasOpen = sql`(${standing} = 'challenge' and (${tenants.mfaRequiredSince} <= ${sessions.createdAt}) is not true and not ${hasEarlier(totpFactors)} and not ${hasEarlier(passkeys)})`;

function hasEarlier(factors: typeof totpFactors | typeof passkeys): SQL {
  return sql`exists (select from ${factors} where ${and(
    eq(factors.tenantId, sessions.tenantId),
    eq(factors.userId, sessions.userId),
    lte(factors.createdAt, sessions.createdAt),
  )})`;
}

/**
 * The single point where a cookie becomes a person. It joins on an active user and the tenant's limits, so a session
 * whose person was deactivated, or that has run out, is dead on arrival even where nobody ended its row.
 * Role and standing are read here on each request and cached nowhere longer.
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
 * Notes that the session was used, at most once a minute: a write on every request would cost more than the look-up. What a
 * clock that was ahead has noted is put right.
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

/** One session of a person that nobody has ended yet. Null for an id that is another person's. */
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
