import { and, desc, eq, ne, or } from 'drizzle-orm';
import { notFound } from 'next/navigation';
import { z } from 'zod';
import { db } from '@/db/client';
import { auditEntries } from '@/db/schema/audit';
import { invitations } from '@/db/schema/invitations';
import { mails } from '@/db/schema/mails';
import type { User } from '@/db/schema/users';
import type { UserActor } from '@/lib/actor';
import { requireActor } from '@/lib/auth/current-actor';
import { findUser } from '@/lib/users/find';
import { DELIVERY } from './delivery';

type Params = Promise<{ userId: string }>;

/** The actor and the person of a page under `[userId]`. A foreign id is nobody. */
export async function readPerson(params: Params): Promise<{ actor: UserActor; user: User }> {
  const actor = await requireActor('tenant_admin');
  const id = z.uuid().safeParse((await params).userId);
  const user = id.success ? await findUser(actor.tenantId, id.data) : null;
  if (!user) notFound();
  return { actor, user };
}

/** The newest invitation with what became of its mail. */
export async function readInvitation(user: User) {
  const [newest] = await db
    .select({
      createdAt: invitations.createdAt,
      expiresAt: invitations.expiresAt,
      acceptedAt: invitations.acceptedAt,
      revokedAt: invitations.revokedAt,
      inviterName: invitations.inviterName,
      mail: DELIVERY,
    })
    .from(invitations)
    .leftJoin(mails, eq(mails.id, invitations.mailId))
    .where(and(eq(invitations.tenantId, user.tenantId), eq(invitations.userId, user.id)))
    .orderBy(desc(invitations.id))
    .limit(1);
  return newest ?? null;
}

const MAILS_SHOWN = 5;

/** The newest other mails to this person, with what became of them. */
export const readMails = (user: User) =>
  db
    .select({ id: mails.id, kind: mails.kind, toAddress: mails.toAddress, createdAt: mails.createdAt, ...DELIVERY })
    .from(mails)
    .where(and(eq(mails.tenantId, user.tenantId), eq(mails.userId, user.id), ne(mails.kind, 'invitation')))
    .orderBy(desc(mails.createdAt), desc(mails.id))
    .limit(MAILS_SHOWN);

export const TRAIL_LENGTH = 50;

/** What was done to this person and what they did, newest first. */
export const readTrail = (user: User) =>
  db
    .select()
    .from(auditEntries)
    .where(
      and(
        eq(auditEntries.tenantId, user.tenantId),
        or(eq(auditEntries.targetId, user.id), eq(auditEntries.actorId, user.id)),
      ),
    )
    .orderBy(desc(auditEntries.id))
    .limit(TRAIL_LENGTH);

/** The entry that `?done=` names, if it is about this person. */
export async function readDone(user: User, given: unknown) {
  const id = z.uuid().safeParse(given);
  if (!id.success) return null;
  const [entry] = await db
    .select()
    .from(auditEntries)
    .where(
      and(eq(auditEntries.tenantId, user.tenantId), eq(auditEntries.targetId, user.id), eq(auditEntries.id, id.data)),
    );
  return entry ?? null;
}
