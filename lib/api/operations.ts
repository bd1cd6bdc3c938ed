import { and, asc, eq, gt } from 'drizzle-orm';
import { z } from 'zod';
import { db } from '@/db/client';
import { isKeptTime } from '@/db/kept-time';
import { invitations } from '@/db/schema/invitations';
import { mails } from '@/db/schema/mails';
import { users } from '@/db/schema/users';
import { ACTOR_KINDS, type KeyActor, ROLES } from '@/lib/actor';
import type { AccessEnded } from '@/lib/audit/catalogue';
import { type ReadEntry, readEntries, readEntriesAfter } from '@/lib/audit/list';
import { AUDIT_ACTIONS, sentence } from '@/lib/audit/sentence';
import { cursorField, ForeignCursor } from '@/lib/cursor';
import { resendInvitation, revokeInvitation } from '@/lib/invitations/handle';
import { invite } from '@/lib/invitations/invite';
import type { Outcome } from '@/lib/outcome';
import { deactivate, reactivate } from '@/lib/users/deactivate';
import { findUser } from '@/lib/users/find';
import { isPlaceIn, LOGIN_FILTERS, MFA_FILTERS, openInvitation, SORTS, STATUS_FILTERS } from '@/lib/users/list';
import { readUsers } from '@/lib/users/read';
import type { Refusal } from '@/lib/users/refusals';
import { remove, restore } from '@/lib/users/remove';
import { changeRole } from '@/lib/users/role';
import { forceSignOut } from '@/lib/users/sign-out';
import { answer, type Operation, operation } from './operation';
import { page, placeIn } from './page';
import { refused } from './problem';
import { asUser } from './schemas';

const text = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u);
const paging = {
  limit: z.coerce.number().int().min(1).max(100).default(50).meta({ description: 'Rows on a page, up to 100.' }),
  cursor: cursorField.optional().meta({ description: 'What the page before gave as its next.' }),
};

const userQuery = z.strictObject({
  q: text.optional().meta({ description: 'Words of address, names, id or SCIM external id.' }),
  status: z.enum(STATUS_FILTERS).optional(),
  role: z.enum(ROLES).optional(),
  mfa: z.enum(MFA_FILTERS).optional().meta({ description: 'none: who signs in by SAML alone needs none here.' }),
  saml: z.enum(['yes', 'no']).optional(),
  login: z.enum(LOGIN_FILTERS).optional().meta({ description: 'Never, or longer ago than so many days.' }),
  sort: z.enum(SORTS).default('email'),
  dir: z.enum(['asc', 'desc']).default('asc'),
  ...paging,
});

const time = z.iso.datetime({ offset: true }).refine((text) => isKeptTime(new Date(text)), 'A year from 1 to 9999.');

const auditQuery = z
  .strictObject({
    afterNumber: z.coerce.number().int().min(0).optional().meta({
      description:
        'By itself: what was sealed after the entry of this number, oldest first, with no gap. To follow the log, give the last number that you have.',
    }),
    from: time.optional(),
    until: time.optional().meta({ description: 'Exclusive.' }),
    person: z.uuid().optional().meta({ description: 'A user, as actor or target.' }),
    action: z.enum(AUDIT_ACTIONS).optional(),
    door: z.enum(ACTOR_KINDS).optional(),
    q: text.optional(),
    ...paging,
  })
  .refine(
    ({ afterNumber, limit: _, ...others }) =>
      afterNumber === undefined || Object.values(others).every((value) => value === undefined),
    { path: ['afterNumber'], message: 'Goes with limit alone.' },
  );

/** The person after the command. */
async function userNow(actor: KeyActor, id: string) {
  const user = await findUser(actor.tenantId, id);
  if (!user) throw new Error('A user was gone right after a deed on them');
  return asUser(user);
}

type Deed<T> = (actor: KeyActor, input: { userId: string }) => Promise<Outcome<T, Refusal>>;

/** A command on one person, answered with that person. */
const onUser = (id: string, verb: string, summary: string, deed: Deed<unknown>): Operation =>
  operation({
    id,
    method: 'POST',
    path: `/users/{id}/${verb}`,
    summary,
    ok: { status: 200, schema: 'User' },
    problems: [404, 409],
    run: async ({ actor, id: userId }) => answer(await deed(actor, { userId }), 200, () => userNow(actor, userId)),
  });

/** A command that ends all access, answered with what it ended. */
const endingAccess = (
  id: 'deactivateUser' | 'removeUser',
  verb: string,
  summary: string,
  deed: Deed<AccessEnded & { auditId: string }>,
) =>
  operation({
    id,
    method: 'POST',
    path: `/users/{id}/${verb}`,
    summary,
    ok: { status: 200, schema: 'AccessEnded' },
    problems: [404, 409],
    run: async ({ actor, id: userId }) =>
      answer(await deed(actor, { userId }), 200, async ({ auditId: _, ...ended }) => ({
        user: await userNow(actor, userId),
        ...ended,
      })),
  });

export const OPERATIONS: readonly Operation[] = [
  operation({
    id: 'listUsers',
    method: 'GET',
    path: '/users',
    summary: 'The users of the tenant, with the filters of the Users page',
    query: userQuery,
    ok: { status: 200, schema: 'UserList' },
    problems: [422],
    run: async ({ actor, query: { sort, dir, limit, cursor: given, ...filters } }) => {
      const list = `users ${sort} ${dir}`;
      const place = placeIn(list, given);
      if (place && !isPlaceIn(sort, place)) throw new ForeignCursor();
      const rows = await readUsers(
        actor.tenantId,
        filters,
        { sort, dir },
        { place, limit: limit + 1, now: new Date() },
      );
      return page(
        list,
        rows,
        limit,
        ({ user }) => asUser(user),
        (row) => row.place,
      );
    },
  }),
  operation({
    id: 'readUser',
    method: 'GET',
    path: '/users/{id}',
    summary: 'One user',
    ok: { status: 200, schema: 'User' },
    problems: [404],
    run: async ({ actor, id }) => {
      const user = await findUser(actor.tenantId, id);
      return user ? { status: 200, body: asUser(user) } : refused('not-found');
    },
  }),
  operation({
    id: 'setRole',
    method: 'POST',
    path: '/users/{id}/set-role',
    summary: 'Changes the role; it counts from their next request',
    body: 'NewRole',
    ok: { status: 200, schema: 'User' },
    problems: [400, 404, 409, 413, 415, 422],
    run: async ({ actor, id: userId, body: { role } }) =>
      answer(await changeRole(actor, { userId, role }), 200, () => userNow(actor, userId)),
  }),
  endingAccess('deactivateUser', 'deactivate', 'Ends all access; the account stays', deactivate),
  onUser('reactivateUser', 'reactivate', 'Lets a deactivated user in again', reactivate),
  operation({
    id: 'signOutUser',
    method: 'POST',
    path: '/users/{id}/sign-out',
    summary: 'Ends all sessions',
    ok: { status: 200, schema: 'SignedOut' },
    problems: [404, 409],
    run: async ({ actor, id: userId }) =>
      answer(await forceSignOut(actor, { userId }), 200, async ({ sessionsEnded }) => ({
        user: await userNow(actor, userId),
        sessionsEnded,
      })),
  }),
  endingAccess('removeUser', 'remove', 'Removes the user; within 30 days they can be restored', (actor, { userId }) =>
    remove(actor, { userId }),
  ),
  onUser('restoreUser', 'restore', 'Brings a removed user back', restore),
  operation({
    id: 'resendInvitation',
    method: 'POST',
    path: '/users/{id}/resend-invitation',
    summary: 'Sends an invited user a new link; the old one dies',
    ok: { status: 200, schema: 'Resent' },
    problems: [404, 409],
    run: async ({ actor, id: userId }) =>
      answer(await resendInvitation(actor, { userId }), 200, ({ expiresAt }) => ({
        userId,
        expiresAt: expiresAt.toISOString(),
      })),
  }),
  onUser('revokeInvitation', 'revoke-invitation', 'Kills the open link', revokeInvitation),
  operation({
    id: 'listInvitations',
    method: 'GET',
    path: '/invitations',
    summary: 'The open invitations, expired ones too, by address',
    query: z.strictObject(paging),
    ok: { status: 200, schema: 'InvitationList' },
    problems: [422],
    run: async ({ actor, query: { limit, cursor: given } }) => {
      const [after] = placeIn('invitations', given) ?? [];
      const rows = await readInvitations(actor.tenantId, after, limit + 1);
      return page('invitations', rows, limit, asInvitation, ({ user }) => [user.emailKey]);
    },
  }),
  operation({
    id: 'invite',
    method: 'POST',
    path: '/invitations',
    summary: 'Invites by e-mail; inviting again sends a new link',
    body: 'NewInvitation',
    ok: { status: 201, schema: 'Invited' },
    problems: [400, 409, 413, 415, 422],
    run: async ({ actor, body }) =>
      answer(await invite(actor, { ...body, role: body.role ?? null }), 201, ({ userId, expiresAt, again }) => ({
        userId,
        expiresAt: expiresAt.toISOString(),
        again,
      })),
  }),
  operation({
    id: 'listAuditEntries',
    method: 'GET',
    path: '/audit-entries',
    summary: 'The audit log, newest first, with the filters of its page',
    query: auditQuery,
    ok: { status: 200, schema: 'AuditEntryList' },
    problems: [422],
    run: async ({ actor, query: { afterNumber, from, until, limit, cursor: given, ...filters } }) => {
      if (afterNumber !== undefined) {
        const rows = await readEntriesAfter(actor.tenantId, afterNumber, limit);
        return { status: 200, body: { data: rows.map(asAuditEntry), next: null } };
      }
      const [place] = placeIn('audit-entries', given) ?? [];
      const dates = { from: from ? new Date(from) : undefined, until: until ? new Date(until) : undefined };
      const rows = await readEntries(
        actor.tenantId,
        { ...filters, ...dates },
        { dir: 'desc', place, limit: limit + 1 },
      );
      return page('audit-entries', rows, limit, asAuditEntry, ({ entry }) => [entry.id]);
    },
  }),
];

const readInvitations = (tenantId: string, after: string | undefined, limit: number) =>
  db
    .select({ user: users, invitation: invitations, delivery: mails.status })
    .from(users)
    .innerJoin(invitations, openInvitation())
    .leftJoin(mails, and(eq(mails.tenantId, invitations.tenantId), eq(mails.id, invitations.mailId)))
    .where(
      and(
        eq(users.tenantId, tenantId),
        eq(users.status, 'invited'),
        after === undefined ? undefined : gt(users.emailKey, after),
      ),
    )
    .orderBy(asc(users.emailKey))
    .limit(limit);

const asInvitation = ({ user, invitation, delivery }: Awaited<ReturnType<typeof readInvitations>>[number]) => ({
  id: invitation.id,
  userId: user.id,
  email: user.email,
  role: user.role,
  invitedBy: invitation.inviterName,
  createdAt: invitation.createdAt.toISOString(),
  expiresAt: invitation.expiresAt.toISOString(),
  delivery,
});

const asAuditEntry = ({ entry, number, hash }: ReadEntry) => ({
  id: entry.id,
  number,
  at: entry.at.toISOString(),
  action: entry.action,
  sentence: sentence(entry),
  door: entry.actorKind,
  actor: { id: entry.actorId, label: entry.actorLabel, name: entry.actorName },
  target: entry.targetId && { id: entry.targetId, label: entry.targetLabel, name: entry.targetName },
  apiKey: entry.keyId && { id: entry.keyId, name: entry.keyName },
  ip: entry.ip,
  userAgent: entry.userAgent,
  details: entry.details,
  hash,
});
