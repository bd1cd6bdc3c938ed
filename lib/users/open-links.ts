import { and, eq, gt, isNull, or, type SQL } from 'drizzle-orm';
import { apiKeys } from '@/db/schema/api-keys';
import { invitations } from '@/db/schema/invitations';
import { passwordResets } from '@/db/schema/password-resets';
import type { User } from '@/db/schema/users';

/**
 * Conditions for the links and keys by which a person could still get in. Without `now` expired ones count too, since they still
 * occupy the slot.
 */
type Whose = Pick<User, 'id' | 'tenantId'>;

export const isOpenInvitation = (now?: Date): SQL | undefined =>
  and(isNull(invitations.acceptedAt), isNull(invitations.revokedAt), now && gt(invitations.expiresAt, now));

export const openInvitationOf = (user: Whose, now?: Date): SQL | undefined =>
  and(eq(invitations.tenantId, user.tenantId), eq(invitations.userId, user.id), isOpenInvitation(now));

export const isOpenReset = (now?: Date): SQL | undefined =>
  and(isNull(passwordResets.usedAt), isNull(passwordResets.revokedAt), now && gt(passwordResets.expiresAt, now));

export const openResetOf = (user: Whose, now?: Date): SQL | undefined =>
  and(eq(passwordResets.tenantId, user.tenantId), eq(passwordResets.userId, user.id), isOpenReset(now));

/** Without `now`, an expired one counts too. */
export const isLiveKey = (now?: Date): SQL | undefined =>
  and(isNull(apiKeys.revokedAt), now && or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now)));
