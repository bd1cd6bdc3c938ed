import { and, desc, eq, inArray, isNotNull, ne, sql } from 'drizzle-orm';
import type { db, Tx } from '@/db/client';
import { invitations } from '@/db/schema/invitations';
import { samlLinks } from '@/db/schema/saml';
import { scimEmails } from '@/db/schema/scim';
import { type User, users } from '@/db/schema/users';
import type { Role } from '@/lib/actor';
import { isDeprovisioned } from '@/lib/users/departures';
import { isAddress } from '@/lib/users/find';
import { notRemoved } from '@/lib/users/list';
import { openInvitationOf } from '@/lib/users/open-links';
import type { Claims } from './check-response';
import type { Connection } from './connection';
import { isVerifiedDomain } from './domains';
import type { Problem } from './reasons';

/**
 * Who is meant by what a provider says, of its connection's tenant and of no other: by the link of provider and NameID, else
 * once by the address. What that leads to is one judgement, which tells the test what would happen, too.
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
