import { and, asc, count, eq, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm';
import { db } from '@/db/client';
import { sessions } from '@/db/schema/sessions';
import { tenants } from '@/db/schema/tenants';
import { users } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import type { SecuritySettings } from '@/lib/audit/catalogue';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { isLive, ofUser } from '@/lib/sessions/find';
import { endSessionsWhere, endWaiting } from '@/lib/sessions/revoke';
import type { Tenant } from '@/lib/tenants/find';
import { adminDeed } from './deed';

/** The security settings of a tenant. */
export const settingsOf = (tenant: Tenant): SecuritySettings => ({
  mfaRequired: tenant.mfaRequiredSince !== null,
  sessionIdleHours: tenant.sessionIdleHours,
  sessionAbsoluteHours: tenant.sessionAbsoluteHours,
  invitationHours: tenant.invitationHours,
  invitationDomains: tenant.invitationDomains,
});

/** The settings that differ, as they are in `to`. */
export function changedSettings(from: SecuritySettings, to: SecuritySettings): Partial<SecuritySettings> {
  const isSame = (name: keyof SecuritySettings) => JSON.stringify(from[name]) === JSON.stringify(to[name]);
  return Object.fromEntries(Object.entries(to).filter(([name]) => !isSame(name as keyof SecuritySettings)));
}

/** Identifies the settings that a page has shown, so that a concurrent change is not overwritten unseen. */
export const versionOf = (settings: SecuritySettings): string => JSON.stringify(settings);

const EXAMPLES = 10;

/** Active people who sign in by password and have no second factor: they set one up at their next sign-in. */
const withoutFactor = (tenantId: string) =>
  and(
    eq(users.tenantId, tenantId),
    eq(users.status, 'active'),
    eq(users.mfa, 'not_set_up'),
    isNotNull(users.passwordHash),
  );

/** Sessions that have not ended but exceed these limits. */
const beyond = (tenantId: string, settings: SecuritySettings, now: Date): SQL | undefined => {
  const before = (hours: number) => sql`${new Date(now.getTime() - hours * 3_600_000).toISOString()}::timestamptz`;
  return and(
    eq(sessions.tenantId, tenantId),
    isNull(sessions.endedAt),
    or(
      sql`${sessions.lastSeenAt} <= ${before(settings.sessionIdleHours)}`,
      sql`${sessions.createdAt} <= ${before(settings.sessionAbsoluteHours)}`,
    ),
  );
};

/** Predicts what saving the settings would change, and for whom. */
export async function foreseeSettings(tenant: Tenant, settings: SecuritySettings, now = new Date()) {
  const newlyRequired = settings.mfaRequired && tenant.mfaRequiredSince === null;
  const [people, examples, ending] = await Promise.all([
    newlyRequired
      ? db
          .select({ all: count(), admins: count(sql`case when ${users.role} = 'tenant_admin' then 1 end`) })
          .from(users)
          .where(withoutFactor(tenant.id))
      : [],
    newlyRequired
      ? db
          .select({ email: users.email })
          .from(users)
          .where(withoutFactor(tenant.id))
          .orderBy(asc(users.emailKey))
          .limit(EXAMPLES)
      : [],
    db
      .select({ id: sessions.id })
      .from(sessions)
      .innerJoin(users, ofUser)
      .innerJoin(tenants, eq(tenants.id, sessions.tenantId))
      .where(and(beyond(tenant.id, settings, now), isLive(now))),
  ]);
  return {
    enrolling: people[0]?.all ?? 0,
    enrollingAdmins: people[0]?.admins ?? 0,
    examples: examples.map(({ email }) => email),
    sessionsEnding: ending.length,
    endsSession: (sessionId: string) => ending.some(({ id }) => id === sessionId),
  };
}

type Changed = { auditId: string | null; sessionsEnded: number };
type Change = { settings: SecuritySettings; seen: string };

/** Sessions that exceed the new limits are ended now, so that raising the limits later does not revive them. */
export const changeSecuritySettings = (actor: Actor, { settings, seen }: Change) =>
  adminDeed(actor, async (tx, now) => {
    const [tenant] = await tx.select().from(tenants).where(eq(tenants.id, actor.tenantId)).for('no key update');
    if (!tenant) return refuse('not-found');
    const before = settingsOf(tenant);
    if (versionOf(before) !== seen) return refuse('settings-changed');
    const after = changedSettings(before, settings);
    if (Object.keys(after).length === 0) return done<Changed>({ auditId: null, sessionsEnded: 0 });

    const sessionsEnded = await endSessionsWhere(tx, now, beyond(tenant.id, settings, now), 'limits-changed');
    const { mfaRequired, ...limits } = settings;
    if (!mfaRequired) await endWaiting(tx, now, tenant.id, 'enrolment', 'limits-changed');
    const mfaRequiredSince = mfaRequired ? (tenant.mfaRequiredSince ?? now) : null;
    await tx
      .update(tenants)
      .set({ ...limits, mfaRequiredSince })
      .where(eq(tenants.id, tenant.id));
    const was = Object.fromEntries(Object.keys(after).map((name) => [name, before[name as keyof SecuritySettings]]));
    const details = { before: was, after, sessionsEnded };
    const auditId = await record(tx, now, actor, 'tenant.security-changed', null, details);
    return done<Changed>({ auditId, sessionsEnded });
  });
