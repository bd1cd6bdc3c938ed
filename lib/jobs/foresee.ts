import { and, count, eq, type SQL, sql } from 'drizzle-orm';
import { db } from '@/db/client';
import { apiKeys } from '@/db/schema/api-keys';
import { invitations } from '@/db/schema/invitations';
import { passwordResets } from '@/db/schema/password-resets';
import { sessions } from '@/db/schema/sessions';
import { tenants } from '@/db/schema/tenants';
import { type User, users } from '@/db/schema/users';
import type { UserActor } from '@/lib/actor';
import { type BulkDeed, DEEDS, isOwnTurn } from '@/lib/bulk';
import { isLive, ofUser } from '@/lib/sessions/find';
import { findTenant } from '@/lib/tenants/find';
import { administers, countAdmins } from '@/lib/users/last-admin';
import { matching, type UserFilters } from '@/lib/users/list';
import { isLiveKey, isOpenInvitation, isOpenReset } from '@/lib/users/open-links';
import { isOfScim, RESTORE_DAYS } from '@/lib/users/policy';
import type { Refusal } from '@/lib/users/refusals';

/**
 * Predicts what a command would do to everybody who matches, counted exactly at any size. People are grouped by *kind*, that is
 * by everything that the policy's predicates read, and the predicate runs once per kind. So the rules stay in one place, and a
 * million people are a few dozen kinds.
 */
export async function foreseeMatching(actor: UserActor, deed: BulkDeed, filters: UserFilters, now: Date) {
  const { tenantId } = actor;
  const people = peopleOf(tenantId, actor.userId, deed, filters, now);
  const [kinds, admins, { saml }] = await Promise.all([
    db
      .select({ ...kindIn(people), n: count() })
      .from(people)
      .groupBy(...Object.values(kindIn(people))),
    countAdmins(tenantId),
    findTenant(tenantId),
  ]);

  const { may, lessensAdmins, isOfProvisioning } = DEEDS[deed];
  const refused = new Map<Refusal, number>();
  const doable = new Set<string>();
  let [total, willBe, ofScim, left] = [0, 0, 0, admins];
  for (const { n, ...kind } of kinds) {
    const person = personOf(actor, kind, now);
    const around = { otherAdmins: Number.POSITIVE_INFINITY, heldAddresses: HELD, now };
    const refusal = isOwnTurn(actor, deed, person) ? 'own-turn' : may(actor, person, around);
    // One of the admins who can sign in stays. If there is none, every other active admin stays too.
    const counts = lessensAdmins === true && administers(person, saml);
    const stays = lessensAdmins === true && left === 0 && kind.role === 'tenant_admin' && kind.status === 'active';
    const can = refusal || stays ? 0 : counts ? Math.min(n, left - 1) : n;
    total += n;
    willBe += can;
    if (can < n) refused.set(refusal ?? 'last-admin', (refused.get(refusal ?? 'last-admin') ?? 0) + n - can);
    if (counts) left -= can;
    if (can > 0) doable.add(nameOf(kind));
    if (isOfProvisioning && isOfScim(kind)) ofScim += can;
  }
  const ending = await countEnding(tenantId, deed, people, doable, now);
  const adminsLeft = lessensAdmins && left < admins ? left : null;
  return { total, willBe, refused, touched: { ...ending, adminsLeft, ofScim } };
}

const DAY_MS = 86_400_000;
type People = ReturnType<typeof peopleOf>;

function peopleOf(tenantId: string, actorId: string, deed: BulkDeed, filters: UserFilters, now: Date) {
  const since = new Date(now.getTime() - RESTORE_DAYS * DAY_MS).toISOString();
  const isRecent = sql<boolean>`coalesce(${users.removedAt} >= ${since}::timestamptz, false)`;
  // If several removed people share an address, the first to be restored gets it.
  const isHeld = sql<boolean>`exists (
      select 1 from users other where other.tenant_id = users.tenant_id and other.email_key = users.email_key and other.status <> 'removed'
    ) or row_number() over (partition by ${users.emailKey}, ${isRecent} order by ${users.id}) > 1`;
  return db
    .select({
      id: users.id,
      role: users.role,
      status: users.status,
      mfa: users.mfa,
      breakGlass: users.breakGlass,
      samlEnabled: users.samlEnabled,
      profileManagedBy: users.profileManagedBy,
      roleManagedBy: users.roleManagedBy,
      hasPassword: sql<boolean>`${users.passwordHash} is not null`.as('has_password'),
      isSelf: sql<boolean>`${users.id} = ${actorId}`.as('is_self'),
      isRecent: isRecent.as('is_recent'),
      isHeld: (DEEDS[deed].givesAddress ? isHeld : sql<boolean>`false`).as('is_held'),
    })
    .from(users)
    .where(matching(tenantId, filters, now))
    .as('people');
}

const kindIn = (people: People) => ({
  role: people.role,
  status: people.status,
  mfa: people.mfa,
  breakGlass: people.breakGlass,
  samlEnabled: people.samlEnabled,
  profileManagedBy: people.profileManagedBy,
  roleManagedBy: people.roleManagedBy,
  hasPassword: people.hasPassword,
  isSelf: people.isSelf,
  isRecent: people.isRecent,
  isHeld: people.isHeld,
});

type Kind = Pick<
  User,
  'role' | 'status' | 'mfa' | 'breakGlass' | 'samlEnabled' | 'profileManagedBy' | 'roleManagedBy'
> &
  Record<'hasPassword' | 'isSelf' | 'isRecent' | 'isHeld', boolean>;
const nameOf = (kind: Kind) => JSON.stringify(kind);

/** A placeholder for an address that is held. */
const HELD = new Set(['held']);

/** A person of this kind, with the fields that predicates read. */
const personOf = ({ userId }: UserActor, kind: Kind, now: Date) => ({
  ...kind,
  id: kind.isSelf ? userId : '',
  passwordHash: kind.hasPassword ? '' : null,
  removedAt: kind.status !== 'removed' ? null : kind.isRecent ? now : new Date(0),
  emailKey: kind.isHeld ? 'held' : '',
});

/** Counts what the command would end, among the people it can be applied to. */
async function countEnding(tenantId: string, deed: BulkDeed, people: People, doable: Set<string>, now: Date) {
  const { ends } = DEEDS[deed];
  const among = async (rows: Promise<(Kind & { n: number })[]>) =>
    (await rows).reduce((sum, { n, ...kind }) => sum + (doable.has(nameOf(kind)) ? n : 0), 0);
  const kind = { ...kindIn(people), n: count() };
  const byKind = Object.values(kindIn(people));
  const open = (table: typeof apiKeys | typeof invitations | typeof passwordResets, isOpen: SQL | undefined) =>
    among(
      db
        .select(kind)
        .from(table)
        .innerJoin(people, eq(people.id, table.userId))
        .where(and(eq(table.tenantId, tenantId), isOpen))
        .groupBy(...byKind),
    );
  const liveSessions = () =>
    among(
      db
        .select(kind)
        .from(sessions)
        .innerJoin(users, ofUser)
        .innerJoin(tenants, eq(tenants.id, sessions.tenantId))
        .innerJoin(people, eq(people.id, users.id))
        .where(and(eq(sessions.tenantId, tenantId), isLive(now)))
        .groupBy(...byKind),
    );
  const links = ends === 'access' || deed === 'resend-invitation';
  const [sessionsEnding, liveKeys, openInvitations, openResets] = await Promise.all([
    ends ? liveSessions() : null,
    ends === 'access' ? open(apiKeys, isLiveKey(now)) : 0,
    links ? open(invitations, isOpenInvitation(now)) : 0,
    ends === 'access' ? open(passwordResets, isOpenReset(now)) : 0,
  ]);
  return { sessionsEnding, liveKeys, openInvitations, openResets };
}
