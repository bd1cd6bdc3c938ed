import { and, eq, inArray, ne } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { lastingHash } from '@/db/lasting-key';
import { invitations } from '@/db/schema/invitations';
import { scimDepartures, scimEmails } from '@/db/schema/scim';
import { type User, users } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import { recordMany } from '@/lib/audit/record';
import { closeInvitationsOf } from './cut-access';
import { isOpenInvitation } from './open-links';

/**
 * Records whom the identity provider deleted, so that a sign-in that creates accounts does not bring them back before the
 * provider creates them again. Stored as keyed hashes of names and addresses, since the record must outlive the person's row and
 * reveal nothing about them.
 */
const hashesOf = (names: string[]): Promise<string[]> =>
  Promise.all([...new Set(names)].map((name) => lastingHash('departures', name.toLowerCase())));

/** Returns how many of the names are new. */
export async function noteDeparture(tx: Tx, now: Date, tenantId: string, names: string[]): Promise<number> {
  const hashes = [...new Set(await hashesOf(names))];
  const noted = await tx
    .insert(scimDepartures)
    .values(hashes.map((nameHash) => ({ tenantId, nameHash, at: now })))
    .onConflictDoNothing()
    .returning({ at: scimDepartures.at });
  return noted.length;
}

const among = async (tenantId: string, names: string[]) =>
  and(eq(scimDepartures.tenantId, tenantId), inArray(scimDepartures.nameHash, await hashesOf(names)));

/** All names and addresses by which the provider may refer to the person. */
export async function namesOf(
  tx: Tx,
  user: Pick<User, 'tenantId' | 'id' | 'email' | 'scimUserName'>,
): Promise<string[]> {
  const emails = await tx
    .select({ value: scimEmails.value })
    .from(scimEmails)
    .where(and(eq(scimEmails.tenantId, user.tenantId), eq(scimEmails.userId, user.id)));
  return [user.email, user.scimUserName ?? user.email, ...emails.flatMap(({ value }) => value ?? [])];
}

/**
 * Revokes invitations sent earlier to another of the person's addresses, so that these do not bring them back. Later invitations
 * are not affected.
 */
export async function closeOtherInvitations(tx: Tx, now: Date, actor: Actor, user: User): Promise<void> {
  const keys = (await namesOf(tx, user)).map((name) => name.toLowerCase());
  const open = await tx
    .select({ invitationId: invitations.id, target: users })
    .from(users)
    .innerJoin(invitations, and(eq(invitations.tenantId, users.tenantId), eq(invitations.userId, users.id)))
    .where(
      and(
        eq(users.tenantId, user.tenantId),
        inArray(users.emailKey, keys),
        eq(users.status, 'invited'),
        ne(users.id, user.id),
        isOpenInvitation(now),
      ),
    )
    .orderBy(users.id)
    .for('no key update', { of: users });
  const ids = open.map(({ target }) => target.id);
  if (ids.length > 0) await closeInvitationsOf(tx, now, user.tenantId, ids);
  await recordMany(
    tx,
    now,
    actor,
    open.map(({ invitationId, target }) => ({ action: 'invitation.revoked', target, details: { invitationId } })),
  );
}

export async function forgetDeparture(tx: Tx, tenantId: string, names: string[]): Promise<void> {
  await tx.delete(scimDepartures).where(await among(tenantId, names));
}

/** Whether the identity provider has deleted one of these addresses or names. Ask before creating an account automatically. */
export async function isDeprovisioned(tenantId: string, names: string[], on: Tx | typeof db = db): Promise<boolean> {
  const found = await on
    .select({ at: scimDepartures.at })
    .from(scimDepartures)
    .where(await among(tenantId, names));
  return found.length > 0;
}
