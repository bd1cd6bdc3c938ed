import { and, desc, eq, ne } from 'drizzle-orm';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { z } from 'zod';
import { db } from '@/db/client';
import { invitations } from '@/db/schema/invitations';
import { mails } from '@/db/schema/mails';
import type { User } from '@/db/schema/users';
import type { UserActor } from '@/lib/actor';
import { findEntry } from '@/lib/audit/find-entry';
import { requireActor } from '@/lib/auth/current-actor';
import { displayName, findUser } from '@/lib/users/find';
import { DELIVERY } from './delivery';

type Params = Promise<{ userId: string }>;

/** The actor and the person of a page under `[userId]`. Another tenant's id is not found. */
export async function readPerson(params: Params): Promise<{ actor: UserActor; user: User }> {
  const actor = await requireActor('tenant_admin');
  const id = z.uuid().safeParse((await params).userId);
  const user = id.success ? await findOnce(actor.tenantId, id.data) : null;
  if (!user) notFound();
  return { actor, user };
}

/** One query per request, shared by the title and the page. */
const findOnce = cache(findUser);

/** Puts the person's name into the title, so that the tabs of two people differ. */
export const titledBy =
  (words: (name: string) => string) =>
  async ({ params }: { params: Params }): Promise<Metadata> => ({
    title: words(displayName((await readPerson(params)).user)),
  });

/** The newest invitation with the delivery status of its mail. */
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
    .leftJoin(mails, and(eq(mails.tenantId, invitations.tenantId), eq(mails.id, invitations.mailId)))
    .where(and(eq(invitations.tenantId, user.tenantId), eq(invitations.userId, user.id)))
    .orderBy(desc(invitations.id))
    .limit(1);
  return newest ?? null;
}

const MAILS_SHOWN = 5;

/** The newest other mails to this person, with their delivery status. */
export const readMails = (user: User) =>
  db
    .select({ id: mails.id, kind: mails.kind, toAddress: mails.toAddress, createdAt: mails.createdAt, ...DELIVERY })
    .from(mails)
    .where(and(eq(mails.tenantId, user.tenantId), eq(mails.userId, user.id), ne(mails.kind, 'invitation')))
    .orderBy(desc(mails.createdAt), desc(mails.id))
    .limit(MAILS_SHOWN);

/** The entry that `?done=` names, if it is about this person. */
export async function readDone(user: User, given: unknown) {
  const entry = await findEntry(user.tenantId, given);
  return entry?.targetId === user.id ? entry : null;
}
