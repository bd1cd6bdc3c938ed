import { and, eq, ne } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { samlLinks } from '@/db/schema/saml';
import { type User, users } from '@/db/schema/users';
import { type MachineActor, type Origin, type Role, systemActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { takeInvitation } from '@/lib/invitations/take';
import { closeInvitations } from '@/lib/users/cut-access';
import { isAddress, lockUser, rowOf } from '@/lib/users/find';
import { tellBothAddresses } from '@/lib/users/profile';
import { provision } from '@/lib/users/provision';
import { setManagedRole } from '@/lib/users/role';
import { placeOf, tell } from '@/lib/users/tell';
import { findCandidate, judge, nameIdKey } from './candidate';
import type { Claims } from './check-response';
import type { Connection } from './connection';
import { readMapping, roleOf } from './groups';
import type { Problem } from './reasons';

export const provider = (tenantId: string, origin: Origin): MachineActor => ({
  ...systemActor(tenantId),
  label: 'The identity provider',
  origin,
});

/**
 * The only place where a provider's claims become a user. Judges them and carries out the result in the caller's
 * transaction, which holds the tenant's lock if roles are mapped.
 */
export async function join(
  tx: Tx,
  now: Date,
  connection: Connection,
  claims: Claims,
  { confirmedUserId, origin }: { confirmedUserId: string | null; origin: Origin },
): Promise<User | { problem: Problem; user: User | null }> {
  const seen = await findCandidate(tx, connection, claims, now);
  // Lock, then read again: the row may have changed since the first read.
  if (seen.user) await lockUser(tx, connection.tenantId, seen.user.id);
  const candidate = seen.user ? await findCandidate(tx, connection, claims, now) : seen;
  const judgement = judge(candidate, { jit: connection.jit, confirmedUserId });
  if ('refuse' in judgement) return { problem: judgement.refuse, user: candidate.user };

  const actor = provider(connection.tenantId, origin);
  const person = judgement.do === 'create' ? await create(tx, now, actor, claims) : judgement.user;
  // Another sign-in has just taken the address and has committed by now, so start over.
  if (!person) return join(tx, now, connection, claims, { confirmedUserId, origin });
  if (judgement.do === 'accept') await accept(tx, now, person, judgement.asRole, origin);
  await keepLink(tx, now, actor, connection, person, claims);
  // They have a password, so tell them about the additional way into their account.
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

/** Accepts the invitation without its link: the provider has proven what the link would have. */
async function accept(tx: Tx, now: Date, user: User, asRole: Role | null, origin: Origin): Promise<void> {
  const invitationId = await takeInvitation(tx, now, user);
  // Closes an expired one too.
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

/** Updates names, address and role from the provider at each sign-in, unless SCIM manages them. */
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
  // A difference in letter case is not a change. An address that another user here has is not taken from them.
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
