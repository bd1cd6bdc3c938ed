import { isDeepStrictEqual } from 'node:util';
import { and, asc, count, desc, eq, inArray, isNotNull, isNull, ne, not, sql } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { samlConnections, samlDomains } from '@/db/schema/saml';
import { sessions } from '@/db/schema/sessions';
import { tenants } from '@/db/schema/tenants';
import { users } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { isLive, ofUser } from '@/lib/sessions/find';
import { endSessionsWhere, endWaiting } from '@/lib/sessions/revoke';
import { findTenant } from '@/lib/tenants/find';
import { guardedDeed } from '@/lib/users/deed';
import { countAdmins, countAdminsUnder, type SamlMode } from '@/lib/users/last-admin';
import { isTakenAtItsWord } from '@/lib/users/password-allowed';
import { bySaml, type Changed, type Connection, lockConnection } from './connection';

/**
 * Whether SAML signs people in, and whether it is the only way in. Commands that take a way to sign in away run under the
 * tenant's lock and check that an admin remains who can sign in; the database checks again at commit.
 */
type Ended = Changed & { sessionsEnded: number };

const TEST_MINUTES = 60;

export const isRecentTest = ({ testedAt }: Pick<Connection, 'testedAt'>, now: Date): boolean =>
  testedAt !== null && now.getTime() - testedAt.getTime() <= TEST_MINUTES * 60_000;

const setMode = (tx: Tx, tenantId: string, saml: SamlMode) =>
  tx.update(tenants).set({ saml }).where(eq(tenants.id, tenantId));

/** Sessions opened by a password or a passkey, except those of break-glass admins. */
const byPassword = (tenantId: string) =>
  and(
    eq(sessions.tenantId, tenantId),
    ne(sessions.method, 'saml'),
    sql`not (${users.breakGlass} and ${users.role} = 'tenant_admin')`,
  );

/** Whether this mode would leave no admin who can sign in, while there is one now. */
export const losesAdmins = async (on: Tx | typeof db, tenantId: string, saml: SamlMode): Promise<boolean> =>
  (await countAdminsUnder(tenantId, saml, on)) === 0 && (await countAdmins(tenantId, on)) > 0;

export const enable = (actor: Actor) =>
  guardedDeed(actor, async (tx, now) => {
    const connection = await lockConnection(tx, actor.tenantId);
    if (!connection) return refuse('no-connection');
    const { saml } = await findTenant(actor.tenantId, tx);
    if (saml !== 'off') return done<Changed>({ auditId: null });
    await setMode(tx, actor.tenantId, 'enabled');
    const details = { idpEntityId: connection.idpEntityId };
    return done<Changed>({ auditId: await record(tx, now, actor, 'saml.enabled', null, details) });
  });

/** Ends the sessions that the provider opened: it is no longer trusted. */
export const disable = (actor: Actor) =>
  guardedDeed(actor, async (tx, now) => {
    const { saml } = await findTenant(actor.tenantId, tx);
    if (saml === 'off') return done<Ended>({ auditId: null, sessionsEnded: 0 });
    if (await losesAdmins(tx, actor.tenantId, 'off')) return refuse('no-admin-left');
    await endWaiting(tx, now, actor.tenantId, 'connect', 'saml-off');
    await setMode(tx, actor.tenantId, 'off');
    const sessionsEnded = await endSessionsWhere(tx, now, bySaml(actor.tenantId), 'saml-off');
    const auditId = await record(tx, now, actor, 'saml.disabled', null, { sessionsEnded });
    return done<Ended>({ auditId, sessionsEnded });
  });

const passwordAdmins = (tenantId: string) =>
  and(
    eq(users.tenantId, tenantId),
    eq(users.role, 'tenant_admin'),
    eq(users.status, 'active'),
    isNotNull(users.passwordHash),
  );

/** Can sign in by SAML now, without proving a password first. */
const canComeBySaml = and(users.samlEnabled, isTakenAtItsWord);

/** Ids of the current break-glass admins. */
export const namedNow = async (tenantId: string, on: Tx | typeof db = db): Promise<string[]> =>
  (
    await on
      .select({ id: users.id })
      .from(users)
      .where(and(passwordAdmins(tenantId), users.breakGlass))
      .orderBy(asc(users.id))
  ).map(({ id }) => id);

/** Candidates for break-glass admin: the current ones first, then the oldest accounts. */
export const listPasswordAdmins = (tenantId: string, on: Tx | typeof db = db, only?: string[]) =>
  on
    .select({
      id: users.id,
      email: users.email,
      firstName: users.firstName,
      lastName: users.lastName,
      breakGlass: users.breakGlass,
      mfa: users.mfa,
      canComeBySaml: sql<boolean>`${canComeBySaml}`,
    })
    .from(users)
    .where(and(passwordAdmins(tenantId), only && inArray(users.id, only)))
    .orderBy(desc(users.breakGlass), asc(users.createdAt), asc(users.id))
    .limit(200);

/**
 * Passwords and passkeys no longer open accounts, except those of the named break-glass admins; the sessions they opened
 * end. The operator needs no test, having other ways to see that SAML works. `seen`: the break-glass admins shown to the
 * caller.
 */
export const requireSaml = (actor: Actor, input: { breakGlass: string[]; seen?: string[] | undefined }) =>
  guardedDeed(actor, async (tx, now) => {
    const connection = await lockConnection(tx, actor.tenantId);
    const { saml } = await findTenant(actor.tenantId, tx);
    if (!connection || saml === 'off') return refuse('saml-off');
    if (saml !== 'required' && actor.kind === 'user' && !isRecentTest(connection, now)) return refuse('test-needed');

    const were = await namedNow(actor.tenantId, tx);
    if (input.seen && !isDeepStrictEqual(were, input.seen)) return refuse('settings-changed');
    const asked = [...new Set(input.breakGlass)];
    const named = asked.length > 0 ? await listPasswordAdmins(actor.tenantId, tx, asked) : [];
    if (named.length < asked.length) return refuse('break-glass-unfit');
    const ids = named.map(({ id }) => id);
    const [bySamlAlone] = await tx
      .select({ n: count() })
      .from(users)
      .where(
        and(
          eq(users.tenantId, actor.tenantId),
          eq(users.role, 'tenant_admin'),
          eq(users.status, 'active'),
          canComeBySaml,
        ),
      );
    if (ids.length === 0 && (bySamlAlone?.n ?? 0) === 0) return refuse('no-admin-left');

    await endWaiting(tx, now, actor.tenantId, 'connect', 'saml-required');
    const mine = eq(users.tenantId, actor.tenantId);
    if (ids.length > 0)
      await tx
        .update(users)
        .set({ breakGlass: true })
        .where(and(mine, inArray(users.id, ids)));
    await tx
      .update(users)
      .set({ breakGlass: false })
      .where(and(mine, users.breakGlass, ids.length > 0 ? not(inArray(users.id, ids)) : undefined));
    await setMode(tx, actor.tenantId, 'required');
    const sessionsEnded = await endSessionsWhere(tx, now, byPassword(actor.tenantId), 'saml-required');
    const emails = (of: { email: string }[]) => of.map(({ email }) => email);
    const before = were.length > 0 ? await listPasswordAdmins(actor.tenantId, tx, were) : [];
    const details = { breakGlass: emails(named), sessionsEnded };
    const entry = { ...details, before: emails(before) };
    const auditId = await record(tx, now, actor, 'saml.required', null, entry);
    return done({ auditId, ...details });
  });

/** Passwords open accounts again. */
export const stopRequiring = (actor: Actor) =>
  guardedDeed(actor, async (tx, now) => {
    const { saml } = await findTenant(actor.tenantId, tx);
    if (saml === 'off') return refuse('saml-off');
    if (saml === 'enabled') return done<Changed>({ auditId: null });
    await endWaiting(tx, now, actor.tenantId, 'connect', 'saml-required');
    await setMode(tx, actor.tenantId, 'enabled');
    return done<Changed>({ auditId: await record(tx, now, actor, 'saml.not-required', null, {}) });
  });

/** Deletes metadata, settings, links and recorded messages. What the provider managed can be edited here again. */
export const deleteConnection = (actor: Actor) =>
  guardedDeed(actor, async (tx, now) => {
    const { tenantId } = actor;
    const connection = await lockConnection(tx, tenantId);
    if (!connection) return refuse('no-connection');
    if (await losesAdmins(tx, tenantId, 'off')) return refuse('no-admin-left');
    await endWaiting(tx, now, tenantId, 'connect', 'saml-off');
    await setMode(tx, tenantId, 'off');
    const sessionsEnded = await endSessionsWhere(tx, now, bySaml(tenantId), 'saml-off');
    const mine = eq(users.tenantId, tenantId);
    await tx
      .update(users)
      .set({ roleManagedBy: null })
      .where(and(mine, eq(users.roleManagedBy, 'saml')));
    await tx
      .update(users)
      .set({ profileManagedBy: null })
      .where(and(mine, eq(users.profileManagedBy, 'saml')));
    // People managed by SCIM keep SAML sign-in.
    await tx
      .update(users)
      .set({ samlEnabled: false })
      .where(and(mine, users.samlEnabled, isNull(users.profileManagedBy)));
    await tx.update(users).set({ breakGlass: false }).where(and(mine, users.breakGlass));
    await tx.delete(samlDomains).where(and(eq(samlDomains.tenantId, tenantId), isNull(samlDomains.verifiedAt)));
    await tx.delete(samlConnections).where(eq(samlConnections.tenantId, tenantId));
    const details = { idpEntityId: connection.idpEntityId, sessionsEnded };
    const auditId = await record(tx, now, actor, 'saml.deleted', null, details);
    return done({ auditId, sessionsEnded });
  });

/** Counts what a mode change would affect, for its confirmation page. */
export async function foreseeMode(tenantId: string, now = new Date()) {
  const countLive = async (which: ReturnType<typeof bySaml>) => {
    const [row] = await db
      .select({ n: count() })
      .from(sessions)
      .innerJoin(users, ofUser)
      .innerJoin(tenants, eq(tenants.id, sessions.tenantId))
      .where(and(which, isLive(now)));
    return row?.n ?? 0;
  };
  const people = async (where: ReturnType<typeof and>) => {
    const [row] = await db
      .select({ n: count() })
      .from(users)
      .where(and(eq(users.tenantId, tenantId), eq(users.status, 'active'), where));
    return row?.n ?? 0;
  };
  const [samlSessions, passwordSessions, samlOnly, passwordOnly, samlAdmins, passwordAdminsLeft] = await Promise.all([
    countLive(bySaml(tenantId)),
    countLive(and(eq(sessions.tenantId, tenantId), ne(sessions.method, 'saml'))),
    people(and(users.samlEnabled, isNull(users.passwordHash))),
    people(and(not(users.samlEnabled), isNotNull(users.passwordHash))),
    people(and(users.samlEnabled, eq(users.role, 'tenant_admin'))),
    countAdminsUnder(tenantId, 'off'),
  ]);
  return { samlSessions, passwordSessions, samlOnly, passwordOnly, samlAdmins, passwordAdmins: passwordAdminsLeft };
}
