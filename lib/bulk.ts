import { and, eq, inArray } from 'drizzle-orm';
import { db } from '@/db/client';
import { type User, users } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import { resendInvitation } from '@/lib/invitations/handle';
import { askForSecondFactor } from '@/lib/mfa/reset';
import type { Outcome } from '@/lib/outcome';
import { deactivate, reactivate } from '@/lib/users/deactivate';
import { administers, type SamlMode } from '@/lib/users/last-admin';
import {
  mayAskForSecondFactor,
  mayChangeRole,
  mayDeactivate,
  mayHandleInvitation,
  mayReactivate,
  mayRemove,
  mayRestore,
  maySignOut,
} from '@/lib/users/policy';
import type { Refusal } from '@/lib/users/refusals';
import { remove, restore } from '@/lib/users/remove';
import { changeRole } from '@/lib/users/role';
import { forceSignOut } from '@/lib/users/sign-out';

/**
 * One deed for many people: the same command for each, one after the other and each whole in itself, so that one refusal
 * undoes nobody else.
 */
export const BULK_DEEDS = [
  'make-admin',
  'make-standard',
  'deactivate',
  'reactivate',
  'sign-out',
  'ask-second-factor',
  'resend-invitation',
  'remove',
  'restore',
] as const;
export type BulkDeed = (typeof BULK_DEEDS)[number];

/** A page's worth of rows. */
export const BULK_MOST = 100;

type Deed = {
  run: (actor: Actor, input: { userId: string }) => Promise<Outcome<unknown, Refusal>>;
  /** The command's own predicate, for what is shown before. */
  may: (actor: Actor, user: User, otherAdmins: number, now: Date) => Refusal | null;
  /** Whether it takes an admin away, if the person is one. */
  lessensAdmins?: true;
};

export const DEEDS: Record<BulkDeed, Deed> = {
  'make-admin': {
    run: (actor, { userId }) => changeRole(actor, { userId, role: 'tenant_admin' }),
    may: (actor, user, others) => mayChangeRole(actor, user, 'tenant_admin', others),
  },
  'make-standard': {
    run: (actor, { userId }) => changeRole(actor, { userId, role: 'standard_user' }),
    may: (actor, user, others) => mayChangeRole(actor, user, 'standard_user', others),
    lessensAdmins: true,
  },
  deactivate: { run: deactivate, may: mayDeactivate, lessensAdmins: true },
  reactivate: { run: reactivate, may: mayReactivate },
  'sign-out': { run: forceSignOut, may: maySignOut },
  'ask-second-factor': { run: askForSecondFactor, may: mayAskForSecondFactor },
  'resend-invitation': { run: resendInvitation, may: mayHandleInvitation },
  remove: { run: remove, may: mayRemove, lessensAdmins: true },
  restore: { run: restore, may: (actor, user, _others, now) => mayRestore(actor, user, now) },
};

/** The people of these ids in the actor's tenant, by address; ids of nobody are left out. */
export const findMany = (tenantId: string, ids: string[]): Promise<User[]> =>
  db
    .select()
    .from(users)
    .where(and(eq(users.tenantId, tenantId), inArray(users.id, ids)))
    .orderBy(users.emailKey);

/** How many admins can sign in now, and what that takes in the tenant. */
type Admins = { count: number; saml: SamlMode };

/** What would become of each, in the order in which it would be done. */
export function foresee(actor: Actor, deed: BulkDeed, people: User[], { count, saml }: Admins, now: Date) {
  const { may, lessensAdmins } = DEEDS[deed];
  let left = count;
  return people.map((user) => {
    const others = left - (administers(user, saml) ? 1 : 0);
    const refusal = may(actor, user, others, now);
    if (!refusal && lessensAdmins && administers(user, saml)) left--;
    return { user, refusal };
  });
}

export type BulkResult = { email: string; refusal: Refusal | null };

export async function runBulk(actor: Actor, deed: BulkDeed, ids: string[]): Promise<BulkResult[]> {
  const people = await findMany(actor.tenantId, ids);
  const results: BulkResult[] = [];
  for (const { id, email } of people) {
    const outcome = await DEEDS[deed].run(actor, { userId: id });
    results.push({ email, refusal: outcome.ok ? null : outcome.refusal });
  }
  return results;
}
