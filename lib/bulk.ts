import { and, eq, inArray } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { invitations } from '@/db/schema/invitations';
import type { BULK_DEEDS } from '@/db/schema/jobs';
import { passwordResets } from '@/db/schema/password-resets';
import { type User, users } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import type { AccessEnded } from '@/lib/audit/catalogue';
import { resendInvitation, resendInvitationIn } from '@/lib/invitations/handle';
import { askForSecondFactor, askForSecondFactorIn } from '@/lib/mfa/reset';
import { done, type Outcome, refuse } from '@/lib/outcome';
import { countKeys, countSessions } from '@/lib/users/consequences';
import { deactivate, deactivateIn, reactivate, reactivateIn } from '@/lib/users/deactivate';
import { heldAddresses } from '@/lib/users/find';
import { administers, type SamlMode } from '@/lib/users/last-admin';
import { isOpenInvitation, isOpenReset } from '@/lib/users/open-links';
import {
  isOfScim,
  mayAskForSecondFactor,
  mayChangeRole,
  mayDeactivate,
  mayHandleInvitation,
  mayReactivate,
  mayRemove,
  mayRestore,
  maySignOut,
  type Person,
} from '@/lib/users/policy';
import type { Refusal } from '@/lib/users/refusals';
import { remove, removeIn, restore, restoreIn } from '@/lib/users/remove';
import { changeRole, changeRoleIn } from '@/lib/users/role';
import { forceSignOut, forceSignOutIn } from '@/lib/users/sign-out';

/**
 * One command for many people. It runs for each person in turn, in a transaction of its own, so that a refusal for one undoes
 * nothing for the others. For more than a page of people, a job runs the inner half of the command (`lib/jobs`).
 */
export type BulkDeed = (typeof BULK_DEEDS)[number];

/** The rows of one page. */
export const BULK_MOST = 100;

/** What a predicate needs besides the person. `heldAddresses`: addresses that a restored person could not get back. */
type Around = { otherAdmins: number; heldAddresses: Set<string>; now: Date };
type Deed = {
  run: (actor: Actor, input: { userId: string }) => Promise<Outcome<object, Refusal>>;
  /** The same, within the transaction of a job. */
  within: (tx: Tx, now: Date, actor: Actor, user: User) => Promise<Outcome<object, Refusal>>;
  /** The command takes the tenant's lock. */
  isGuarded?: true;
  /** The command's own predicate, for the preview. */
  may: (actor: Actor, user: Person & Pick<User, 'emailKey'>, around: Around) => Refusal | null;
  /** The tenant has one admin less afterwards, if the person is one. */
  lessensAdmins?: true;
  /** The person gets their address back, so nobody else can have it. */
  givesAddress?: true;
  /** What it ends: only the sessions, or every way to get in. */
  ends?: 'sessions' | 'access';
  /** Applied to oneself, it ends the right to continue and to see the results. */
  endsOwnRight?: true;
  /** The identity provider may undo it. */
  isOfProvisioning?: true;
};

export const DEEDS: Record<BulkDeed, Deed> = {
  'make-admin': {
    run: (actor, { userId }) => changeRole(actor, { userId, role: 'tenant_admin' }),
    within: (tx, now, actor, user) => changeRoleIn(tx, now, actor, user, 'tenant_admin'),
    isGuarded: true,
    may: (actor, user, { otherAdmins }) => mayChangeRole(actor, user, 'tenant_admin', otherAdmins),
  },
  'make-standard': {
    run: (actor, { userId }) => changeRole(actor, { userId, role: 'standard_user' }),
    within: (tx, now, actor, user) => changeRoleIn(tx, now, actor, user, 'standard_user'),
    isGuarded: true,
    may: (actor, user, { otherAdmins }) => mayChangeRole(actor, user, 'standard_user', otherAdmins),
    lessensAdmins: true,
    endsOwnRight: true,
  },
  deactivate: {
    run: deactivate,
    within: deactivateIn,
    isGuarded: true,
    may: (actor, user, { otherAdmins }) => mayDeactivate(actor, user, otherAdmins),
    lessensAdmins: true,
    ends: 'access',
    isOfProvisioning: true,
  },
  reactivate: { run: reactivate, within: reactivateIn, may: mayReactivate, isOfProvisioning: true },
  'sign-out': { run: forceSignOut, within: forceSignOutIn, may: maySignOut, ends: 'sessions', endsOwnRight: true },
  'ask-second-factor': { run: askForSecondFactor, within: askForSecondFactorIn, may: mayAskForSecondFactor },
  'resend-invitation': { run: resendInvitation, within: resendInvitationIn, may: mayHandleInvitation },
  remove: {
    run: remove,
    within: removeIn,
    isGuarded: true,
    may: (actor, user, { otherAdmins }) => mayRemove(actor, user, otherAdmins),
    lessensAdmins: true,
    ends: 'access',
    isOfProvisioning: true,
  },
  restore: {
    run: restore,
    within: restoreIn,
    may: (actor, user, { heldAddresses, now }) => mayRestore(actor, user, heldAddresses.has(user.emailKey), now),
    givesAddress: true,
    isOfProvisioning: true,
  },
};

/**
 * The actor's own row is left for a separate confirmation at the end: in the middle, it would make the remaining rows fail, and
 * the actor could not see the results.
 */
export const isOwnTurn = (actor: Actor, deed: BulkDeed, { id }: Pick<User, 'id'>): boolean =>
  DEEDS[deed].endsOwnRight === true && actor.kind === 'user' && actor.userId === id;

/** The people with these ids in the tenant, ordered by address. Unknown ids are left out. */
export const findMany = (tenantId: string, ids: string[]): Promise<User[]> =>
  db
    .select()
    .from(users)
    .where(and(eq(users.tenantId, tenantId), inArray(users.id, ids)))
    .orderBy(users.emailKey);

/** The number of admins who can sign in now, and the tenant's SAML mode, which decides who can. */
type Admins = { count: number; saml: SamlMode };

/** Predicts the outcome for each person, in the order in which the command would run. */
export async function foresee(actor: Actor, deed: BulkDeed, people: User[], { count, saml }: Admins, now: Date) {
  const { may, lessensAdmins, givesAddress } = DEEDS[deed];
  const held = givesAddress ? await heldAddresses(actor.tenantId, people) : new Set<string>();
  let left = count;
  return people.map((user) => {
    const otherAdmins = left - (administers(user, saml) ? 1 : 0);
    const around = { otherAdmins, heldAddresses: held, now };
    const refusal = isOwnTurn(actor, deed, user) ? 'own-turn' : may(actor, user, around);
    if (!refusal && lessensAdmins && administers(user, saml)) left--;
    if (!refusal && givesAddress) held.add(user.emailKey);
    return { user, refusal };
  });
}

type Foreseen = Awaited<ReturnType<typeof foresee>>;

/** Counts what the command would end or change, for the people it can be applied to. */
export async function touched(
  tenantId: string,
  deed: BulkDeed,
  foreseen: Foreseen,
  { count, saml }: Admins,
  now: Date,
) {
  const { ends, lessensAdmins, isOfProvisioning } = DEEDS[deed];
  const people = foreseen.flatMap(({ user, refusal }) => (refusal ? [] : [user]));
  const ids = people.map(({ id }) => id);
  const links = ends === 'access' || deed === 'resend-invitation';
  const [sessionsEnding, liveKeys, openInvitations, openResets] = await Promise.all([
    ends ? countSessions(tenantId, ids, now) : null,
    ends === 'access' ? countKeys(tenantId, ids, now) : 0,
    links
      ? db.$count(
          invitations,
          and(eq(invitations.tenantId, tenantId), inArray(invitations.userId, ids), isOpenInvitation(now)),
        )
      : 0,
    ends === 'access'
      ? db.$count(
          passwordResets,
          and(eq(passwordResets.tenantId, tenantId), inArray(passwordResets.userId, ids), isOpenReset(now)),
        )
      : 0,
  ]);
  const adminsLost = lessensAdmins ? people.filter((user) => administers(user, saml)).length : 0;
  return {
    sessionsEnding,
    liveKeys,
    openInvitations,
    openResets,
    adminsLeft: adminsLost > 0 ? count - adminsLost : null,
    ofScim: isOfProvisioning ? people.filter(isOfScim).length : 0,
  };
}

export type BulkResult = { email: string; refusal: Refusal | null };
type Done = { results: BulkResult[]; ended: AccessEnded };

/** Refused as a whole if every person is refused for lack of a fresh proof. */
export async function runBulk(actor: Actor, deed: BulkDeed, ids: string[]): Promise<Outcome<Done, 'proof-needed'>> {
  const results: BulkResult[] = [];
  const ended: AccessEnded = { sessionsEnded: 0, keysRevoked: 0, invitationsRevoked: 0, resetsRevoked: 0 };
  for (const user of await findMany(actor.tenantId, ids)) {
    const outcome = isOwnTurn(actor, deed, user)
      ? refuse('own-turn')
      : await DEEDS[deed].run(actor, { userId: user.id });
    results.push({ email: user.email, refusal: outcome.ok ? null : outcome.refusal });
    if (!outcome.ok) continue;
    const its: Partial<AccessEnded> = outcome.value;
    for (const name of Object.keys(ended) as (keyof AccessEnded)[]) ended[name] += its[name] ?? 0;
  }
  const isUnproven = results.length > 0 && results.every(({ refusal }) => refusal === 'proof-needed');
  return isUnproven ? refuse('proof-needed') : done({ results, ended });
}
