import type { JobDeed, JobStop } from '@/db/schema/jobs';
import type { User } from '@/db/schema/users';
import type { Role } from '@/lib/actor';

/** Counts of what ended when a person lost access. */
export type AccessEnded = {
  sessionsEnded: number;
  keysRevoked: number;
  invitationsRevoked: number;
  resetsRevoked: number;
};

type Change<T> = { before: T; after: T };
/** The security settings of a tenant; hours are whole numbers. */
export type SecuritySettings = {
  mfaRequired: boolean;
  sessionIdleHours: number;
  sessionAbsoluteHours: number;
  invitationHours: number;
  invitationDomains: string[];
};
type Job = { jobId: string; deed: JobDeed; people: number };
/** The progress of a job. Rows neither done nor refused were not reached. */
type Progress = { done: number; refused: number };
type Named = { id: string; name: string };
type Profile = { firstName: string; lastName: string; email: string };

/**
 * The closed list of audited actions, with the details that an entry keeps besides actor and target. An action that is not listed
 * does not compile, nor does a listed one without a sentence (`sentence.ts`).
 */
export type AuditCatalogue = {
  'tenant.created': { slug: string; name: string };
  'user.created': { role: Role };
  'user.invited': { role: Role; invitationId: string; expiresAt: string };
  'invitation.resent': { role: Role; invitationId: string; expiresAt: string };
  'invitation.revoked': { invitationId: string };
  'invitation.link-shown': { invitationId: string };
  'invitation.accepted': { invitationId: string } & Partial<Change<Partial<Profile>>>;
  'user.role-changed': Change<Role>;
  /** A role set by a group, unlike `user.role-changed`. `group` is null if the person is in no mapped group any more. */
  'user.role-mapped': Change<Role> & { group: Named | null; exchangeId: string | null };
  'user.adopted': { userName: string; status: string };
  'user.scim-changed': Change<Record<string, unknown>> | { fields: string[] };
  'user.deactivated': AccessEnded;
  'user.reactivated': Record<string, never>;
  /** SCIM deactivates or deletes somebody who is already inactive here. */
  'user.let-go': { deleted: boolean; status?: User['status'] };
  'user.removed': AccessEnded;
  'user.restored': { status: string };
  'user.erased': Record<string, never>;
  'user.profile-changed': Change<Partial<Profile>>;
  'user.signed-in': { method: 'password' | 'saml' | 'passkey'; secondFactor?: 'totp' | 'recovery_code' | 'passkey' };
  'user.sign-in-refused': {
    reason:
      | 'wrong-password'
      | 'not-active'
      | 'limited'
      | 'reset-required'
      | 'wrong-code'
      | 'wrong-passkey'
      | 'codes-limited'
      | 'saml-required';
  };
  'user.signed-out': Record<string, never>;
  'user.sessions-ended': { sessionsEnded: number };
  'session.ended': { endedSessionId: string; device: string };
  'password.reset-sent': Record<string, never>;
  'password.reset': { sessionsEnded: number; keysRevoked?: number };
  'password.changed': { sessionsEnded: number };
  'account.reported-stolen': { sessionsEnded: number; keysRevoked?: number };
  'second-factor.added': { factor: string };
  'second-factor.removed': { factor: string; sessionsEnded: number };
  'second-factor.renamed': Change<string>;
  'second-factor.reset': { factors: string[]; sessionsEnded: number };
  'second-factor.asked': Record<string, never>;
  'recovery-codes.made': Record<string, never>;
  'tenant.security-changed': Change<Partial<SecuritySettings>> & { sessionsEnded: number };
  'scim.token-created': { tokenId: string; name: string; expiresAt: string | null };
  'scim.token-revoked': { tokenId: string; name: string };
  'scim.paused': Record<string, never>;
  'scim.resumed': Record<string, never>;
  'scim.group-created': { group: Named; members: number };
  'scim.group-changed': {
    group: Named;
    before?: string;
    externalId?: Change<string | null>;
    added: number;
    removed: number;
    /** The members' ids, at most the first thousand. */
    addedIds?: string[];
    removedIds?: string[];
  };
  'scim.group-deleted': { group: Named };
  'scim.group-mapped': { group: Named; role: Role | null; granted: number; taken: number };
  'api-key.created': { keyId: string; name: string; expiresAt: string | null };
  'api-key.revoked': { keyId: string; name: string };
  'saml.metadata-set': { before: string | null; after: string; certificates: number; sessionsEnded?: number };
  'saml.options-changed': Change<Record<string, boolean | string | null>>;
  'saml.domains-changed': Change<string[]>;
  'saml.domain-verified': { domain: string };
  'saml.domain-lost': { domain: string };
  'saml.mapping-changed': Change<{ groupAttribute: string; adminGroups: string[] } | null>;
  'saml.enabled': { idpEntityId: string };
  'saml.tested': { idpEntityId: string; subject: string };
  'saml.disabled': { sessionsEnded: number };
  'saml.required': { breakGlass: string[]; before?: string[]; sessionsEnded: number };
  'saml.not-required': Record<string, never>;
  'saml.deleted': { idpEntityId: string; sessionsEnded: number };
  'saml.linked': { nameId: string; idpEntityId: string };
  'saml.unlinked': { nameIds: string[]; sessionsEnded: number };
  'saml.sign-in-refused': { reason: string; subject: string };
  'saml.signed-out': { sessionsEnded: number };
  'user.role-kept': { role: Role; wanted: Role };
  /** The provider confirms the role that the person had, and manages it from now on. */
  'user.role-managed': { role: Role };
  'user.confirmed': { method: 'password' | 'passkey' };
  'job.begun': Job;
  'job.resumed': Job & Progress;
  'job.ended': Job & Progress;
  'job.stopped': Job & Progress & { reason: JobStop };
  'job.exported': Job;
  'users.exported': { filter: Record<string, string> };
  'audit.exported': { format: 'csv' | 'jsonl'; filter: Record<string, string> };
  'users.seeded': { users: number };
};

export type AuditAction = keyof AuditCatalogue;
