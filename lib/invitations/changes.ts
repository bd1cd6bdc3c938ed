import type { User } from '@/db/schema/users';
import type { Role } from '@/lib/actor';

/** `role` is null, and a name is empty, if the invitation does not give one. */
export type Invitee = { email: string; firstName: string; lastName: string; role: Role | null };

type Changes = Partial<Pick<User, 'role' | 'firstName' | 'lastName'>>;
export type Known = Pick<User, 'role' | 'firstName' | 'lastName' | 'roleManagedBy' | 'profileManagedBy'>;

/** What a repeated invitation changes: the fields it gives, unless the identity provider manages them. */
export function changesBy({ role, firstName, lastName }: Omit<Invitee, 'email'>, known: Known): Changes {
  const changes: Changes = {};
  if (role && role !== known.role && known.roleManagedBy === null) changes.role = role;
  if (known.profileManagedBy !== null) return changes;
  if (firstName && firstName !== known.firstName) changes.firstName = firstName;
  if (lastName && lastName !== known.lastName) changes.lastName = lastName;
  return changes;
}
