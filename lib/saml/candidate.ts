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
 * Finds the user whom a provider's claims mean, in the connection's tenant only: by the link of provider and NameID, else
 * once by the address. `judge` decides what follows; the test uses it too, to tell what would happen.
 */
type Candidate = {
  user: User | null;
  via: 'link' | 'address' | null;
  linkedOtherwise: boolean;
  hasOpenInvitation: boolean;
  /** The operator has verified that the domain of the person's address belongs to the tenant. */
  isVerifiedDomain: boolean;
  /** Deleted by SCIM: signing in does not bring them back until SCIM creates them again or an admin invites them. */
  isDeprovisioned: boolean;
};

export type Judgement =
  | { do: 'enter' | 'link'; user: User }
  /** `asRole`: null keeps the invited role. */
  | { do: 'accept'; user: User; asRole: Role | null }
  | { do: 'create' }
  | { refuse: Problem };

type Facts = Pick<Connection, 'jit'> & {
  /** The account this browser is signed in to by a recent password or passkey. */
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
    // The role of an expired or revoked invitation no longer applies.
    return facts.jit ? { do: 'accept', user, asRole: 'standard_user' } : refusal('invitation-over');
  }
  if (via === 'link') return { do: 'enter', user };
  const isPasswordAdmin = user.role === 'tenant_admin' && user.passwordHash !== null;
  if (isPasswordAdmin && !isVerifiedDomain && facts.confirmedUserId !== user.id) return refusal('admin-unconfirmed');
  return { do: 'link', user };
}

/** The NameID as stored and compared. Addresses are compared without letter case, as everywhere. */
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
 * Whether the NameID now belongs to `named` rather than to the linked user. A removed user yields to one who is not. A
 * NameID that is an address belongs to the user who has it today, not to one who had it before.
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
 * Finds a user by SCIM userName, which a provider may also send in its responses. Another SCIM address of a person signs
 * nobody in, since it may belong to anybody. But it does find deactivated and removed people, so that they are not created
 * anew.
 */
async function namedByScim(on: Tx | typeof db, tenantId: string, email: string, nameId: string): Promise<User | null> {
  const keys = [email.toLowerCase(), nameId.toLowerCase()];
  const ofTenant = and(eq(users.tenantId, tenantId), isNotNull(users.scimUserName));
  // First people who are not removed, then removed ones: each set has its own index.
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

/** Somebody removed and not yet erased (30 days): they are refused as removed, and not created anew. */
async function removedHolder(on: Tx | typeof db, tenantId: string, email: string): Promise<User | null> {
  const [removed] = await on
    .select()
    .from(users)
    .where(and(eq(users.tenantId, tenantId), isAddress(email), eq(users.status, 'removed')))
    .limit(1);
  return removed ?? null;
}
