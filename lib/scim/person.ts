import { isDeepStrictEqual } from 'node:util';
import { and, eq } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { invitations } from '@/db/schema/invitations';
import { scimEmails, scimGroupMembers } from '@/db/schema/scim';
import { type User, users } from '@/db/schema/users';
import { tenantTransaction } from '@/db/transaction';
import type { MachineActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { closeInvitations } from '@/lib/users/cut-access';
import { deactivateIn, reactivateIn } from '@/lib/users/deactivate';
import { adminDeed, deedOnUser, guardedDeed, guardedDeedOnUser } from '@/lib/users/deed';
import { closeOtherInvitations, forgetDeparture, namesOf, noteDeparture } from '@/lib/users/departures';
import { lockUser, lockUserByAddress, rowOf, wasRemovedByProvider } from '@/lib/users/find';
import { unlinkFormerNames } from '@/lib/users/former-names';
import { applyGroupRoles } from '@/lib/users/group-roles';
import { openInvitationOf } from '@/lib/users/open-links';
import { editProfileIn } from '@/lib/users/profile';
import { provision } from '@/lib/users/provision';
import { removeIn } from '@/lib/users/remove';
import { withParts } from './find';
import { type Email, type PersonRow, userResource, versionOfUser, type Wanted, wantedOf } from './user-resource';
import type { Resource } from './value';
import { undoing, whole } from './whole';

/**
 * What an identity provider does to people. Each request is one transaction, whole or not at all, made of the same commands
 * as the pages. `exchangeId` identifies the request in the flight recorder.
 */
export type Exchange = { actor: MachineActor; exchangeId: string };
/** `If-Match`: the resource must have one of these versions; null accepts any. */
export type Expected = string[] | null;

/**
 * 201 for a new person, and once for one who was added here without SCIM: the identity provider takes them over by their
 * address, which is audited.
 */
export function createPerson({ actor }: Exchange, resource: Resource) {
  const wanted = wantedOf(resource);
  // A takeover can deactivate an admin.
  const deed = wanted.active === false ? guardedDeed : adminDeed;
  const create = undoing(async (tx: Tx, now: Date) => {
    const others = wanted.emails.flatMap(({ value }) => value ?? []);
    await forgetDeparture(tx, actor.tenantId, [wanted.userName, wanted.email, ...others]);
    const there = await lockUserByAddress(tx, actor.tenantId, wanted.email);
    if (there?.scimUserName != null) return refuse('address-taken');
    return there ? adopt(tx, now, actor, there, wanted) : bear(tx, now, actor, wanted);
  });
  return whole(deed(actor, create));
}

async function bear(tx: Tx, now: Date, actor: MachineActor, wanted: Wanted) {
  const isActive = wanted.active !== false;
  const user = await provision(tx, now, {
    tenantId: actor.tenantId,
    email: wanted.email,
    firstName: wanted.firstName,
    lastName: wanted.lastName,
    role: 'standard_user',
    status: isActive ? 'active' : 'deactivated',
    samlEnabled: true,
    profileManagedBy: 'scim',
    scimDeprovisionedAt: isActive ? null : now,
    ...keptColumns(actor, wanted),
  });
  if (!user) return refuse('address-taken');
  await writeEmails(tx, user, wanted.emails, false);
  await record(tx, now, actor, 'user.created', user, { role: user.role });
  return done({ row: { user, emails: wanted.emails, groups: [] } as PersonRow, adopted: false });
}

const keptColumns = (actor: MachineActor, { userName, externalId, attributes }: Wanted) => ({
  scimUserName: userName,
  scimExternalId: externalId,
  scimAttributes: attributes,
  scimTokenId: actor.id,
});

/**
 * Closes an open invitation: the person now comes in by the identity provider and keeps the invited role. The role of an
 * expired or revoked invitation no longer applies.
 */
async function adopt(tx: Tx, now: Date, actor: MachineActor, user: User, wanted: Wanted) {
  const wasInvited = user.status === 'invited';
  const isOver = wasInvited && (await tx.$count(invitations, openInvitationOf(user, now))) === 0;
  const role = isOver && user.roleManagedBy === null ? 'standard_user' : user.role;
  if (wasInvited) await closeInvitations(tx, now, user);
  const status = wasInvited ? 'active' : user.status;
  const takenOver = {
    status,
    role,
    samlEnabled: true,
    profileManagedBy: 'scim',
    ...keptColumns(actor, wanted),
  } as const;
  await tx.update(users).set(takenOver).where(rowOf(user));
  await record(tx, now, actor, 'user.adopted', user, { userName: wanted.userName, status: user.status });
  if (role !== user.role) await record(tx, now, actor, 'user.role-changed', user, { before: user.role, after: role });
  await writeEmails(tx, user, wanted.emails, true);
  const names = { firstName: wanted.firstName || user.firstName, lastName: wanted.lastName || user.lastName };
  const moved = await follow(
    tx,
    now,
    actor,
    { ...user, ...takenOver },
    { ...wanted, ...names, active: wanted.active ?? true },
  );
  if (!moved.ok) return moved;
  return done({ row: await reread(tx, user), adopted: true });
}

/** PUT and PATCH: `change` makes the new resource from the current one. Nothing is written if nothing differs. */
export async function changePerson(
  { actor, exchangeId }: Exchange,
  userId: string,
  expected: Expected,
  mayDeactivate: boolean,
  change: (before: Resource) => Resource,
) {
  const deed = mayDeactivate ? guardedDeedOnUser : deedOnUser;
  const changing = undoing(async (tx: Tx, now: Date, user: User) => {
    const [before] = await withParts(isShown(user) ? [user] : [], tx);
    if (!before) return refuse('not-found');
    if (expected && !expected.includes(versionOfUser(before))) return refuse('version');
    const wanted = wantedOf(change(userResource(before)));
    const kept = await keep(tx, now, actor, before, wanted);
    const followed = await follow(tx, now, actor, user, wanted, mayDeactivate);
    if (!followed.ok) return followed;
    await unlinkFormerNames(tx, now, actor, user, { email: wanted.email, scimUserName: wanted.userName });
    return done({ row: kept || followed.value ? await reread(tx, user) : before });
  });
  const outcome = await whole(deed(actor, userId, changing));
  if (mayDeactivate) await hearOfRemoved({ actor, exchangeId }, userId, outcome);
  return outcome;
}

const isShown = (user: User) => user.scimUserName !== null && user.status !== 'removed';

/** Facts that only the identity provider manages. */
const factsOf = ({ userName, externalId, emails, attributes }: Wanted): Record<string, unknown> => ({
  userName,
  externalId,
  emails,
  ...attributes,
});

/** Writes these facts, and returns whether anything differed. */
async function keep(tx: Tx, now: Date, actor: MachineActor, before: PersonRow, wanted: Wanted): Promise<boolean> {
  const { user } = before;
  const [was, is] = [factsOf(wantedOf(userResource(before))), factsOf(wanted)];
  const fields = Object.keys({ ...was, ...is }).filter((name) => !isDeepStrictEqual(was[name], is[name]));
  if (fields.length === 0) return false;
  await tx.update(users).set(keptColumns(actor, wanted)).where(rowOf(user));
  if (fields.includes('emails')) await writeEmails(tx, user, wanted.emails, true);
  const pick = (from: Record<string, unknown>) => Object.fromEntries(fields.map((name) => [name, from[name] ?? null]));
  await record(tx, now, actor, 'user.scim-changed', user, { before: pick(was), after: pick(is) });
  return true;
}

/** Applies what the pages can change too, by the same commands. `named`: the request itself sets the person inactive. */
async function follow(tx: Tx, now: Date, actor: MachineActor, user: User, wanted: Wanted, named = true) {
  const edited = await editProfileIn(tx, now, actor, user, wanted);
  if (!edited.ok) return edited;
  const changed = edited.value.auditId !== null;
  if (wanted.active === true && user.status === 'deactivated') {
    const back = await reactivateIn(tx, now, actor, user);
    return back.ok ? done(true) : back;
  }
  if (wanted.active === false && user.status === 'active') {
    const out = await deactivateIn(tx, now, actor, user);
    return out.ok ? done(true) : out;
  }
  if (wanted.active === false && named && user.scimDeprovisionedAt === null) {
    // An admin deactivated them first; now the identity provider does so too.
    await tx.update(users).set({ scimDeprovisionedAt: now }).where(rowOf(user));
    await closeOtherInvitations(tx, now, actor, user);
    await record(tx, now, actor, 'user.let-go', user, { deleted: false, status: user.status });
  }
  return done(changed);
}

/** SCIM no longer shows the person, but an admin can restore them. Roles from groups end with the memberships. */
export async function deletePerson({ actor, exchangeId }: Exchange, userId: string, expected: Expected) {
  const deleting = undoing(async (tx: Tx, now: Date, user: User) => {
    const [before] = await withParts(isShown(user) ? [user] : [], tx);
    if (!before) return refuse('not-found');
    if (expected && !expected.includes(versionOfUser(before))) return refuse('version');
    const removed = await removeIn(tx, now, actor, user);
    if (!removed.ok) return removed;
    await leaveGroups(tx, user);
    const moved = await applyGroupRoles(tx, now, actor, { userIds: [user.id] }, exchangeId);
    return moved.ok ? done({ row: before, ...removed.value }) : moved;
  });
  const outcome = await whole(guardedDeedOnUser(actor, userId, deleting));
  await hearOfRemoved({ actor, exchangeId }, userId, outcome, 'deleted');
  return outcome;
}

const leaveGroups = (tx: Tx, { tenantId, id }: User) =>
  tx.delete(scimGroupMembers).where(and(eq(scimGroupMembers.tenantId, tenantId), eq(scimGroupMembers.userId, id)));

/** A person whom an admin removed is not found, but it is still recorded that the provider lets them go too. */
async function hearOfRemoved(
  { actor, exchangeId }: Exchange,
  userId: string,
  outcome: { ok: true } | { ok: false; refusal: string },
  isDeleted?: 'deleted',
): Promise<void> {
  if (outcome.ok || outcome.refusal !== 'not-found') return;
  await tenantTransaction(actor.tenantId, async (tx, now) => {
    const user = await lockUser(tx, actor.tenantId, userId);
    if (user?.status !== 'removed' || user.scimUserName === null) return;
    const noted = await noteDeparture(tx, now, user.tenantId, await namesOf(tx, user));
    await closeOtherInvitations(tx, now, actor, user);
    // A provider may repeat this at each sync; one record is enough.
    if (noted === 0 && (!isDeleted || wasRemovedByProvider(user))) return;
    await record(tx, now, actor, 'user.let-go', user, { deleted: isDeleted !== undefined, status: user.status });
    if (!isDeleted) return;
    await tx.update(users).set({ scimDeprovisionedAt: user.removedAt }).where(rowOf(user));
    await leaveGroups(tx, user);
    // An admin role from a group does not come back when the person is restored.
    await applyGroupRoles(tx, now, actor, { userIds: [user.id] }, exchangeId);
  });
}

async function writeEmails(tx: Tx, user: User, emails: Email[], wasThere: boolean): Promise<void> {
  const { tenantId, id: userId } = user;
  if (wasThere)
    await tx.delete(scimEmails).where(and(eq(scimEmails.tenantId, tenantId), eq(scimEmails.userId, userId)));
  if (emails.length === 0) return;
  await tx.insert(scimEmails).values(
    emails.map(({ value, type, display, primary }, position) => ({
      tenantId,
      userId,
      position,
      value,
      type,
      display,
      primary,
    })),
  );
}

async function reread(tx: Tx, { tenantId, id }: User): Promise<PersonRow> {
  const [row] = await withParts(
    await tx
      .select()
      .from(users)
      .where(and(eq(users.tenantId, tenantId), eq(users.id, id))),
    tx,
  );
  if (!row) throw new Error(`${id} is gone from under its own deed`);
  return row;
}
