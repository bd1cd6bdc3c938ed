import type { Tx } from '@/db/client';
import { type User, users } from '@/db/schema/users';
import type { Actor, Role } from '@/lib/actor';
import { record, recordMany } from '@/lib/audit/record';
import { done, type Outcome, refuse } from '@/lib/outcome';
import { findTenant } from '@/lib/tenants/find';
import { mayInviteTo } from '@/lib/tenants/invitation-domains';
import { adminDeed } from '@/lib/users/deed';
import { lockUsersByAddress, rowOf } from '@/lib/users/find';
import { hasRecentProof } from '@/lib/users/own-deed';
import { type Newcomer, provisionInvited } from '@/lib/users/provision';
import { changesBy, type Invitee } from './changes';
import { type Issued, invitedOften, issueInvitations } from './issue';

type Terms = {
  /** The role of a new person if the invitation gives none. */
  newcomerRole?: Role;
  /** Refuses people who have been invited in the meantime. */
  onlyNew?: boolean;
};
type Invited = { auditId: string; userId: string; expiresAt: Date; again: boolean };
type Refused = 'domain-not-allowed' | 'already-user' | 'deactivated' | 'invited-meanwhile' | 'invited-often';
export type Asked = Invitee & { onlyNew: boolean };

/** An invitation that makes somebody an admin requires a fresh proof. */
export const invite = (
  actor: Actor,
  invitee: Invitee,
  { newcomerRole = 'standard_user', onlyNew = false }: Terms = {},
) =>
  adminDeed<Invited, Refused | 'proof-needed'>(actor, async (tx, now) => {
    const makesAdmin = (invitee.role ?? newcomerRole) === 'tenant_admin';
    if (makesAdmin && !(await hasRecentProof(tx, now, actor))) return refuse('proof-needed');
    const [outcome] = await inviteIn(tx, now, actor, [{ ...invitee, onlyNew }], newcomerRole);
    return outcome ?? refuse('already-user');
  });

/**
 * Inviting an invited person again gives the same person a new link and expiry and revokes the old link. Role and names given by
 * the newer invitation apply, with an audit entry; omitted ones stay. The effect is that of inviting one by one, in few
 * statements. Outcomes are in the order of `asked`.
 */
export async function inviteIn(
  tx: Tx,
  now: Date,
  actor: Actor,
  asked: Asked[],
  newcomerRole: Role,
): Promise<Outcome<Invited, Refused>[]> {
  const { tenantId } = actor;
  const tenant = await findTenant(tenantId, tx);
  const allowed = asked.filter(({ email }) => mayInviteTo(tenant, email));
  const there = await lockUsersByAddress(tx, tenantId, addressesOf(allowed));
  const often = await invitedOften(tx, now, tenantId, addressesOf(allowed), [...there.values()]);
  const isOften = ({ email }: Asked) => often.has(email.toLowerCase());
  const strangers = allowed.filter((invitee) => !there.has(invitee.email) && !isOften(invitee));
  const births = await provisionInvited(
    tx,
    now,
    tenantId,
    strangers.map(({ role, ...invitee }) => ({ ...invitee, role: role ?? newcomerRole })),
  );
  const born = new Map(strangers.flatMap((invitee, i) => (births[i] ? [[invitee, births[i]]] : [])));
  // Neither found nor created: another admin invited the same address at this moment, and has committed by now.
  const late = await lockUsersByAddress(tx, tenantId, addressesOf(strangers.filter((invitee) => !born.has(invitee))));

  const invited = new Map<Asked, Newcomer>();
  const outcomes = new Map<Asked, Outcome<Invited, Refused>>();
  for (const invitee of asked) {
    const known = born.has(invitee) ? undefined : (there.get(invitee.email) ?? late.get(invitee.email));
    const refusal = mayInviteTo(tenant, invitee.email)
      ? refusalToInvite(invitee, known, isOften(invitee))
      : 'domain-not-allowed';
    const user = born.get(invitee) ?? (known && !refusal ? await renew(tx, now, actor, known, invitee) : undefined);
    if (refusal || !user) outcomes.set(invitee, refuse(refusal ?? 'already-user'));
    else invited.set(invitee, user);
  }

  const issued = await issueInvitations(tx, now, actor, [...invited.values()]);
  const detailsOf = ({ role }: Newcomer, { invitationId, expiresAt }: Issued) => ({
    role,
    invitationId,
    expiresAt: expiresAt.toISOString(),
  });
  const auditIds = await recordMany(
    tx,
    now,
    actor,
    [...invited].map(([invitee, user], i) => ({
      action: born.has(invitee) ? 'user.invited' : 'invitation.resent',
      target: user,
      details: detailsOf(user, issued[i] as Issued),
    })),
  );
  [...invited].forEach(([invitee, { id: userId }], i) => {
    const { expiresAt } = issued[i] as Issued;
    outcomes.set(invitee, done({ auditId: String(auditIds[i]), userId, expiresAt, again: !born.has(invitee) }));
  });
  return asked.map((invitee) => outcomes.get(invitee) as Outcome<Invited, Refused>);
}

const addressesOf = (invitees: Invitee[]) => invitees.map(({ email }) => email);

function refusalToInvite({ onlyNew }: Asked, known: User | undefined, often: boolean) {
  if (known?.status === 'active') return 'already-user' as const;
  if (known?.status === 'deactivated') return 'deactivated' as const;
  if (known && onlyNew) return 'invited-meanwhile' as const;
  return often ? ('invited-often' as const) : null;
}

/** Writes the same audit entries as role and profile changes elsewhere, so that a search for those finds these too. */
async function renew(tx: Tx, now: Date, actor: Actor, user: User, invitee: Invitee): Promise<User> {
  const after = changesBy(invitee, user);
  const { role, ...names } = after;
  if (Object.keys(after).length > 0) await tx.update(users).set(after).where(rowOf(user));
  if (role) await record(tx, now, actor, 'user.role-changed', user, { before: user.role, after: role });
  if (Object.keys(names).length > 0) {
    const before = Object.fromEntries(Object.keys(names).map((name) => [name, user[name as keyof typeof names]]));
    await record(tx, now, actor, 'user.profile-changed', user, { before, after: names });
  }
  return { ...user, ...after };
}
