import type { User } from '@/db/schema/users';
import { type Actor, personOf, type Role } from '@/lib/actor';
import type { SamlMode } from './last-admin';
import { mayUsePassword } from './password-allowed';

/**
 * Who may do what to whom: one pure predicate per command; null means allowed. Pages disable controls by the same predicate, but
 * only the command enforces it.
 * `otherAdmins` is `countOtherAdmins` for the person affected.
 */
export type Person = Pick<
  User,
  | 'id'
  | 'role'
  | 'status'
  | 'mfa'
  | 'passwordHash'
  | 'breakGlass'
  | 'samlEnabled'
  | 'profileManagedBy'
  | 'roleManagedBy'
  | 'removedAt'
>;

export const RESTORE_DAYS = 30;
const DAY_MS = 86_400_000;

const isSelf = (actor: Actor, person: Person) => personOf(actor) === person.id;
/** Also true for an admin who cannot sign in at the moment: if there is no other, theirs is the access to restore. */
const isLastAdmin = (person: Person, otherAdmins: number) =>
  person.role === 'tenant_admin' && person.status === 'active' && otherAdmins === 0;

/** Managed by SCIM, so the identity provider may undo what is changed here. */
export const isOfScim = (person: Pick<User, 'profileManagedBy' | 'roleManagedBy'>): boolean =>
  person.profileManagedBy === 'scim' || person.roleManagedBy === 'scim';

/** Required for every command of this area. Machines have an admin's rights in their own tenant; see `MachineActor`. */
export const mayAdminister = (actor: Actor): boolean => !('role' in actor) || actor.role === 'tenant_admin';

export function mayChangeRole(_actor: Actor, person: Person, to: Role, otherAdmins: number) {
  if (person.status === 'removed') return 'removed' as const;
  if (person.roleManagedBy !== null) return 'role-managed' as const;
  if (to !== 'tenant_admin' && isLastAdmin(person, otherAdmins)) return 'last-admin' as const;
  return null;
}

export function mayDeactivate(actor: Actor, person: Person, otherAdmins: number) {
  if (isSelf(actor, person)) return 'self' as const;
  if (person.status === 'invited') return 'invited' as const;
  if (person.status !== 'active') return 'not-active' as const;
  if (isLastAdmin(person, otherAdmins)) return 'last-admin' as const;
  return null;
}

export function mayReactivate(_actor: Actor, person: Person) {
  return person.status === 'deactivated' ? null : ('not-deactivated' as const);
}

export function mayRemove(actor: Actor, person: Person, otherAdmins: number) {
  if (isSelf(actor, person)) return 'self' as const;
  if (person.status === 'removed') return 'removed' as const;
  if (isLastAdmin(person, otherAdmins)) return 'last-admin' as const;
  return null;
}

/** `addressHeld`: another person of the tenant has the address by now. */
export function mayRestore(_actor: Actor, person: Person, addressHeld: boolean, now: Date) {
  if (person.removedAt === null) return 'not-removed' as const;
  if (now.getTime() - person.removedAt.getTime() > RESTORE_DAYS * DAY_MS) return 'too-late' as const;
  if (addressHeld) return 'address-taken' as const;
  return null;
}

/** A managed profile may be changed only by what manages it. */
export function mayEditProfile(actor: Actor, person: Person) {
  if (person.status === 'removed') return 'removed' as const;
  if (person.profileManagedBy !== null && person.profileManagedBy !== actor.kind) return 'profile-managed' as const;
  return null;
}

export function maySignOut(_actor: Actor, person: Person) {
  return person.status === 'active' ? null : ('not-active' as const);
}

/** `saml`: the tenant's SAML mode. `isToConnect`: the person needs their password once to connect with the provider. */
export function maySendPasswordReset(_actor: Actor, person: Person, saml: SamlMode, isToConnect: boolean) {
  if (person.status !== 'active') return 'not-active' as const;
  // Once SAML is off, a password is the only way in.
  if (saml !== 'off' && person.samlEnabled && person.passwordHash === null) return 'saml-only' as const;
  if (!mayUsePassword(person, saml) && !isToConnect) return 'saml-required-of-them' as const;
  return null;
}

export function mayResetSecondFactor(_actor: Actor, person: Person) {
  if (person.status === 'removed') return 'removed' as const;
  return person.mfa === 'set_up' ? null : ('no-factor' as const);
}

export function mayAskForSecondFactor(_actor: Actor, person: Person) {
  if (person.status !== 'active') return 'not-active' as const;
  if (person.mfa === 'not_applicable') return 'saml-only' as const;
  return person.mfa === 'set_up' ? ('factor-there' as const) : null;
}

/** Resending, revoking and showing the link of an invitation. */
export function mayHandleInvitation(_actor: Actor, person: Person) {
  return person.status === 'invited' ? null : ('not-invited' as const);
}
