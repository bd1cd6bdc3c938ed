import type { Role } from '@/lib/actor';

/** What ended with a person's access. */
export type AccessEnded = {
  sessionsEnded: number;
  keysRevoked: number;
  invitationsRevoked: number;
  resetsRevoked: number;
};

type Change<T> = { before: T; after: T };
type Profile = { firstName: string; lastName: string; email: string };

/**
 * The closed list of what can be done here, with what an entry keeps of it beside actor and target. A deed that is not
 * listed does not compile; a listed one without a sentence (`sentence.ts`) does not either.
 */
export type AuditCatalogue = {
  'tenant.created': { slug: string; name: string };
  'user.created': { role: Role };
  'user.invited': { role: Role; invitationId: string; expiresAt: string };
  'invitation.resent': { role: Role; invitationId: string; expiresAt: string };
  'invitation.revoked': { invitationId: string };
  'invitation.link-shown': { invitationId: string };
  'invitation.accepted': { invitationId: string };
  'user.role-changed': Change<Role>;
  'user.deactivated': AccessEnded;
  'user.reactivated': Record<string, never>;
  'user.removed': AccessEnded;
  'user.restored': { status: string };
  'user.erased': Record<string, never>;
  'user.profile-changed': Change<Partial<Profile>>;
  'user.signed-in': { method: 'password' | 'saml' };
  'user.sign-in-refused': { reason: 'wrong-password' | 'not-active' | 'limited' };
  'user.signed-out': Record<string, never>;
  'user.sessions-ended': { sessionsEnded: number };
  'session.ended': { endedSessionId: string; device: string };
  'password.reset-sent': Record<string, never>;
  'password.reset': { sessionsEnded: number };
  'password.changed': { sessionsEnded: number };
  'api-key.created': { keyId: string; name: string; expiresAt: string | null };
  'api-key.revoked': { keyId: string; name: string };
  'users.exported': { filter: Record<string, string> };
  'audit.exported': { format: 'csv' | 'jsonl'; filter: Record<string, string> };
  'users.seeded': { users: number };
};

export type AuditAction = keyof AuditCatalogue;
