import { and, desc, eq, inArray, isNotNull, ne, sql } from 'drizzle-orm';
import type { db, Tx } from '@/db/client';
import { invitations } from '@/db/schema/invitations';
import { samlLinks } from '@/db/schema/saml';
import { scimEmails } from '@/db/schema/scim';
import { type User, users } from '@/db/schema/users';
import { type MachineActor, type Origin, type Role, systemActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { takeInvitation } from '@/lib/invitations/take';
import { closeInvitations } from '@/lib/users/cut-access';
import { isDeprovisioned } from '@/lib/users/departures';
import { isAddress, lockUser, rowOf } from '@/lib/users/find';
import { notRemoved } from '@/lib/users/list';
import { openInvitationOf } from '@/lib/users/open-links';
import { tellBothAddresses } from '@/lib/users/profile';
import { provision } from '@/lib/users/provision';
import { setManagedRole } from '@/lib/users/role';
import { placeOf, tell } from '@/lib/users/tell';
import type { Claims } from './check-response';
import type { Connection } from './connection';
import { isVerifiedDomain } from './domains';
import { readMapping, roleOf } from './groups';
import type { Problem } from './reasons';

/**
 * The single point where what a provider says becomes a person of its connection's tenant, and of no other: by the link of
 * provider and NameID, else once by the address, which makes the link. The same judgement tells the test what would happen.
 */
type Candidate = {
  user: User | null;
  via: 'link' | 'address' | null;
  linkedOtherwise: boolean;
  hasOpenInvitation: boolean;
  /** The operator knows the domain of the person's address to be the tenant's. */
  isVerifiedDomain: boolean;
  /** By SCIM: what it has deleted does not come back by signing in, until it creates it again or an admin invites it. */
  isDeprovisioned: boolean;
};

export type Judgement =
  | { do: 'enter' | 'link'; user: User }
  /** `asRole`: null keeps the invitation's. */
  | { do: 'accept'; user: User; asRole: Role | null }
  | { do: 'create' }
  | { refuse: Problem };

type Facts = Pick<Connection, 'jit'> & {
  /** The account that this browser is signed in to by a fresh password. */
  confirmedUserId: string | null;
};

const refusal = (reason: Problem['reason']): Judgement => ({ refuse: { reason } });

export function judge(
  { user, via, linkedOtherwise, hasOpenInvitation, isVerifiedDomain, isDeprovisioned }: Candidate,
  facts: Facts,
): Judgement {
  if (!user && isDeprovisioned) return refusal('deprovisioned');
  if (!user) return facts.jit ? { do: 'create' } : refusal('no-account');
  if (user.status === 'deactivated') return refusal('deactivated');
  if (user.status === 'removed') return refusal('removed');
  if (via === 'address' && linkedOtherwise) return refusal('linked-otherwise');
  if (user.status === 'invited') {
    if (hasOpenInvitation) return { do: 'accept', user, asRole: null };
    if (isDeprovisioned) return refusal('deprovisioned');
    // What an invitation that is over gave is not given any more.
    return facts.jit ? { do: 'accept', user, asRole: 'standard_user' } : refusal('invitation-over');
  }
  if (via === 'link') return { do: 'enter', user };
  const isPasswordAdmin = user.role === 'tenant_admin' && user.passwordHash !== null;
  if (isPasswordAdmin && !isVerifiedDomain && facts.confirmedUserId !== user.id) return refusal('admin-unconfirmed');
  return { do: 'link', user };
}

/** The NameID as it is kept and compared. Addresses are compared without letter case, here as everywhere. */
export const nameIdKey = (nameId: string): string => (/^[^\s@]+@[^\s@]+$/.test(nameId) ? nameId.toLowerCase() : nameId);

export async function findCandidate(
  on: Tx | typeof db,
  connection: Connection,
  claims: Pick<Claims, 'nameId' | 'email'>,
  now: Date,
): Promise<Candidate> {
  const { tenantId, idpEntityId } = connection;
  const ofProvider = and(eq(samlLinks.tenantId, tenantId), eq(samlLinks.idpEntityId, idpEntityId));
  const [linked] = await on
    .select({ user: users })
    .from(samlLinks)
    .innerJoin(users, and(eq(users.tenantId, samlLinks.tenantId), eq(users.id, samlLinks.userId)))
    .where(and(ofProvider, eq(samlLinks.nameId, nameIdKey(claims.nameId))));
  const [holder] = await on
    .select()
    .from(users)
    .where(and(eq(users.tenantId, tenantId), isAddress(claims.email), ne(users.status, 'removed')));
  const named = holder ?? (await namedByScim(on, tenantId, claims.email, claims.nameId));
  const byLink = linked && !isOfSomebodyElse(linked.user, claims.nameId, named) ? linked.user : null;
  const user = byLink ?? named ?? (await removedHolder(on, tenantId, claims.email));
  const isGone = await isDeprovisioned(tenantId, [claims.email, claims.nameId], on);
  if (!user) return { ...NOBODY, isDeprovisioned: isGone };
  const links = await on
    .select({ nameId: samlLinks.nameId })
    .from(samlLinks)
    .where(and(ofProvider, eq(samlLinks.userId, user.id)));
  const open = await on.select({ id: invitations.id }).from(invitations).where(openInvitationOf(user, now));
  return {
    user,
    via: byLink ? 'link' : 'address',
    linkedOtherwise: links.some(({ nameId }) => nameId !== nameIdKey(claims.nameId)),
    hasOpenInvitation: open.length > 0,
    isVerifiedDomain: await isVerifiedDomain(on, tenantId, user.email),
    isDeprovisioned: isGone,
  };
}

/**
 * A NameID that is an address goes with the address: somebody removed holds none, and somebody who has another by now is not
 * signed in by what is another's today.
 */
function isOfSomebodyElse(linked: User, nameId: string, named: User | null): boolean {
  if (!named || named.id === linked.id) return false;
  if (linked.status === 'removed') return named.status !== 'removed';
  const key = nameIdKey(nameId);
  const isNameOf = ({ email, scimUserName }: User) => [email, scimUserName].some((name) => name?.toLowerCase() === key);
  return key.includes('@') && !isNameOf(linked) && isNameOf(named);
}

const NOBODY = { user: null, via: null, linkedOtherwise: false, hasOpenInvitation: false, isVerifiedDomain: false };

/**
 * By the name that SCIM told, which one provider may use in its answers too. Another of a person's addresses signs nobody in as
 * them, since it may be anybody's; but whom SCIM has let go does not come back as somebody new under it.
 */
async function namedByScim(on: Tx | typeof db, tenantId: string, email: string, nameId: string): Promise<User | null> {
  const keys = [email.toLowerCase(), nameId.toLowerCase()];
  const ofTenant = and(eq(users.tenantId, tenantId), isNotNull(users.scimUserName));
  // Those who are here, and then those who are not: each is in an index of its own.
  for (const isHere of [notRemoved, eq(users.status, sql`'removed'`)]) {
    const [named] = await on
      .select()
      .from(users)
      .where(and(ofTenant, isHere, inArray(users.scimKey, keys)))
      .orderBy(sql`${users.scimKey} <> ${keys[0]}`, desc(users.createdAt))
      .limit(1);
    if (named) return named;
  }
  const [gone] = await on
    .select({ user: users })
    .from(scimEmails)
    .innerJoin(users, and(eq(users.tenantId, scimEmails.tenantId), eq(users.id, scimEmails.userId)))
    .where(
      and(
        ofTenant,
        eq(scimEmails.tenantId, tenantId),
        inArray(scimEmails.valueKey, keys),
        inArray(users.status, ['deactivated', 'removed']),
      ),
    )
    .orderBy(desc(users.createdAt))
    .limit(1);
  return gone?.user ?? null;
}

/** Removed within the last 30 days: they are told so, and do not come back as somebody new. */
async function removedHolder(on: Tx | typeof db, tenantId: string, email: string): Promise<User | null> {
  const [removed] = await on
    .select()
    .from(users)
    .where(and(eq(users.tenantId, tenantId), isAddress(email), eq(users.status, 'removed')))
    .limit(1);
  return removed ?? null;
}

export const provider = (tenantId: string, origin: Origin): MachineActor => ({
  ...systemActor(tenantId),
  label: 'The identity provider',
  origin,
});

/** The judgement and its consequences, in the caller's transaction; where roles are mapped, under the tenant's lock. */
export async function join(
  tx: Tx,
  now: Date,
  connection: Connection,
  claims: Claims,
  { confirmedUserId, origin }: { confirmedUserId: string | null; origin: Origin },
): Promise<User | { problem: Problem; user: User | null }> {
  const seen = await findCandidate(tx, connection, claims, now);
  // Held, and asked again: what was read before may have changed a moment ago.
  if (seen.user) await lockUser(tx, connection.tenantId, seen.user.id);
  const candidate = seen.user ? await findCandidate(tx, connection, claims, now) : seen;
  const judgement = judge(candidate, { jit: connection.jit, confirmedUserId });
  if ('refuse' in judgement) return { problem: judgement.refuse, user: candidate.user };

  const actor = provider(connection.tenantId, origin);
  const person = judgement.do === 'create' ? await create(tx, now, actor, claims) : judgement.user;
  // Taken at the same moment by another sign-in, which has committed by now.
  if (!person) return join(tx, now, connection, claims, { confirmedUserId, origin });
  if (judgement.do === 'accept') await accept(tx, now, person, judgement.asRole, origin);
  await keepLink(tx, now, actor, connection, person, claims);
  // Beside the password that they have, another way into their account.
  if (judgement.do === 'link' && person.passwordHash !== null)
    await tell(tx, now, person, { kind: 'sso-connected', nameId: claims.nameId, from: placeOf(origin) });
  return follow(tx, now, actor, connection, person.id, claims);
}

async function create(tx: Tx, now: Date, actor: MachineActor, claims: Claims): Promise<User | null> {
  const { email, firstName, lastName } = claims;
  const person = await provision(tx, now, {
    tenantId: actor.tenantId,
    email,
    firstName,
    lastName,
    role: 'standard_user',
    status: 'active',
    samlEnabled: true,
    profileManagedBy: 'saml',
  });
  if (person) await record(tx, now, actor, 'user.created', person, { role: person.role });
  return person;
}

/** The invitation is accepted by it, whatever its link does: the provider has proven what the link would have. */
async function accept(tx: Tx, now: Date, user: User, asRole: Role | null, origin: Origin): Promise<void> {
  const invitationId = await takeInvitation(tx, now, user);
  // One that has run out is over by it as well.
  await closeInvitations(tx, now, user);
  await tx
    .update(users)
    .set({ status: 'active', ...(asRole ? { role: asRole } : {}) })
    .where(rowOf(user));
  const holder = { ...systemActor(user.tenantId), id: user.id, label: user.email, origin };
  if (invitationId) await record(tx, now, holder, 'invitation.accepted', user, { invitationId });
  else await record(tx, now, provider(user.tenantId, origin), 'user.created', user, { role: asRole ?? user.role });
}

async function keepLink(
  tx: Tx,
  now: Date,
  actor: MachineActor,
  connection: Connection,
  user: User,
  claims: Claims,
): Promise<void> {
  const link = { tenantId: user.tenantId, idpEntityId: connection.idpEntityId, nameId: nameIdKey(claims.nameId) };
  const [there] = await tx
    .select({ userId: samlLinks.userId })
    .from(samlLinks)
    .where(
      and(
        eq(samlLinks.tenantId, link.tenantId),
        eq(samlLinks.idpEntityId, link.idpEntityId),
        eq(samlLinks.nameId, link.nameId),
      ),
    );
  const seen = { userId: user.id, groups: claims.groups, lastSeenAt: now };
  await tx
    .insert(samlLinks)
    .values({ ...link, ...seen, createdAt: now })
    .onConflictDoUpdate({ target: [samlLinks.tenantId, samlLinks.idpEntityId, samlLinks.nameId], set: seen });
  if (there?.userId === user.id) return;
  const details = { nameId: claims.nameId, idpEntityId: connection.idpEntityId };
  await record(tx, now, actor, 'saml.linked', user, details);
}

/** Names, address and role follow the provider at each sign-in, unless SCIM has the say in them. */
async function follow(
  tx: Tx,
  now: Date,
  actor: MachineActor,
  connection: Connection,
  userId: string,
  claims: Claims,
): Promise<User> {
  const user = await reread(tx, connection.tenantId, userId);
  if (user.profileManagedBy !== 'scim') await followProfile(tx, now, actor, user, claims);
  else if (!user.samlEnabled) await tx.update(users).set({ samlEnabled: true }).where(rowOf(user));
  const mapping = claims.groups ? await readMapping(connection.tenantId, tx) : null;
  if (mapping && user.roleManagedBy !== 'scim')
    await setManagedRole(tx, now, actor, await reread(tx, connection.tenantId, userId), {
      role: roleOf(claims.groups ?? [], mapping),
      by: 'saml',
    });
  return reread(tx, connection.tenantId, userId);
}

async function followProfile(tx: Tx, now: Date, actor: MachineActor, user: User, claims: Claims): Promise<void> {
  const [taken] = await tx
    .select({ id: users.id })
    .from(users)
    .where(
      and(
        eq(users.tenantId, user.tenantId),
        isAddress(claims.email),
        ne(users.status, 'removed'),
        ne(users.id, user.id),
      ),
    );
  // The same address in other letters is no news; one that is somebody else's here is not taken from them.
  const moves = !taken && claims.email.toLowerCase() !== user.email.toLowerCase();
  const wanted = { firstName: claims.firstName, lastName: claims.lastName, ...(moves ? { email: claims.email } : {}) };
  const fields = (Object.keys(wanted) as (keyof typeof wanted)[]).filter((field) => wanted[field] !== user[field]);
  const pick = (from: Partial<User>) => Object.fromEntries(fields.map((field) => [field, from[field] ?? '']));
  await tx
    .update(users)
    .set({ ...pick(wanted), samlEnabled: true, profileManagedBy: 'saml' })
    .where(rowOf(user));
  if (moves) await tellBothAddresses(tx, now, actor, user, claims.email);
  if (fields.length > 0)
    await record(tx, now, actor, 'user.profile-changed', user, { before: pick(user), after: pick(wanted) });
}

async function reread(tx: Tx, tenantId: string, userId: string): Promise<User> {
  const user = await lockUser(tx, tenantId, userId);
  if (!user) throw new Error(`No user ${userId}`);
  return user;
}
