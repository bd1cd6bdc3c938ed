import { and, count, eq, gt, sql } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { newId } from '@/db/id';
import { insertRows } from '@/db/insert-rows';
import { invitations } from '@/db/schema/invitations';
import { type User, users } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import { seal } from '@/lib/crypto/seal';
import { hashToken, newToken } from '@/lib/crypto/tokens';
import { invitationMessage } from '@/lib/mail/messages/invitation';
import { enqueueMany } from '@/lib/mail/outbox';
import { findTenant } from '@/lib/tenants/find';
import { closeInvitationsOf } from '@/lib/users/cut-access';
import { nameOfActor } from '@/lib/users/find';
import { invitationUrl, LINK_PURPOSE } from './link';

const HOUR_MS = 3_600_000;

/** Enough to replace lost links, too few to flood a mailbox. */
export const MOST_AN_HOUR = 10;

type Held = Pick<User, 'id' | 'email'>;

/**
 * The addresses, in lower case, that have reached `MOST_AN_HOUR` invitations within the hour. `held`: the people who have one of
 * these addresses now. People removed within the hour count too.
 */
export async function invitedOften(
  tx: Tx,
  now: Date,
  tenantId: string,
  addresses: string[],
  held: Held[],
): Promise<Set<string>> {
  const since = new Date(now.getTime() - HOUR_MS);
  const keys = addresses.map((address) => address.toLowerCase());
  const removed = await tx
    .select({ id: users.id, email: users.email })
    .from(users)
    .where(
      and(
        eq(users.tenantId, tenantId),
        eq(users.status, 'removed'),
        gt(users.removedAt, since),
        sql`${users.emailKey} = any(${sql.param(keys)}::text[])`,
      ),
    );
  const addressOf = new Map([...held, ...removed].map(({ id, email }) => [id, email.toLowerCase()]));
  if (addressOf.size === 0) return new Set();
  const sent = await tx
    .select({ userId: invitations.userId, n: count() })
    .from(invitations)
    .where(
      and(
        eq(invitations.tenantId, tenantId),
        sql`${invitations.userId} = any(${sql.param([...addressOf.keys()])}::uuid[])`,
        gt(invitations.createdAt, since),
      ),
    )
    .groupBy(invitations.userId);
  const counts = new Map<string, number>();
  for (const { userId, n } of sent) {
    const address = String(addressOf.get(userId));
    counts.set(address, (counts.get(address) ?? 0) + n);
  }
  return new Set([...counts].filter(([, n]) => n >= MOST_AN_HOUR).map(([address]) => address));
}

export type Invitable = Pick<User, 'id' | 'email' | 'role'>;
export type Issued = { invitationId: string; expiresAt: Date };

export async function issueInvitation(tx: Tx, now: Date, actor: Actor, user: Invitable): Promise<Issued> {
  const [issued] = await issueInvitations(tx, now, actor, [user]);
  if (!issued) throw new Error('no invitation was issued');
  return issued;
}

/**
 * The single point where invitations are created, for people of one tenant: the previous one is revoked, the new one is valid for
 * the tenant's number of hours, and its mail is put into the outbox. Runs in the caller's transaction; results are in the order
 * given.
 */
export async function issueInvitations(tx: Tx, now: Date, actor: Actor, people: Invitable[]): Promise<Issued[]> {
  if (people.length === 0) return [];
  await closeInvitationsOf(
    tx,
    now,
    actor.tenantId,
    people.map(({ id }) => id),
  );
  const tenant = await findTenant(actor.tenantId, tx);
  const expiresAt = new Date(now.getTime() + tenant.invitationHours * HOUR_MS);
  const inviterName = await nameOfActor(tx, actor);
  const links = people.map((user) => ({ user, id: newId(now), token: newToken() }));
  const mailIds = await enqueueMany(
    tx,
    now,
    actor.tenantId,
    'invitation',
    links.map(({ user, token }) => ({
      to: { userId: user.id, address: user.email },
      message: invitationMessage({
        tenantName: tenant.name,
        inviterName,
        address: user.email,
        role: user.role,
        expiresAt,
        url: invitationUrl(token),
      }),
    })),
    expiresAt,
  );
  await insertRows(
    tx,
    invitations,
    { tenantId: actor.tenantId, inviterName, createdAt: now, expiresAt },
    links.map(({ user, id, token }, i) => ({
      id,
      userId: user.id,
      tokenHash: hashToken(token),
      tokenSealed: seal(token, LINK_PURPOSE),
      mailId: mailIds[i],
    })),
  );
  return links.map(({ id }) => ({ invitationId: id, expiresAt }));
}
