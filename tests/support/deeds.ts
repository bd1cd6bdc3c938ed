import type { Actor } from '@/lib/actor';
import { sendPasswordReset } from '@/lib/auth/forgot-password';
import { resendInvitation, revokeInvitation, showInvitationLink } from '@/lib/invitations/handle';
import { askForSecondFactor, resetSecondFactor } from '@/lib/mfa/reset';
import type { Outcome } from '@/lib/outcome';
import { unlinkIdentity } from '@/lib/saml/unlink';
import { deactivate, reactivate } from '@/lib/users/deactivate';
import { editProfile } from '@/lib/users/profile';
import { remove, restore } from '@/lib/users/remove';
import { changeRole } from '@/lib/users/role';
import { endSession, forceSignOut } from '@/lib/users/sign-out';

type Deed = (actor: Actor, userId: string, sessionId: string) => Promise<Outcome<unknown, string>>;

/** Every deed of an admin on a person. One that is missing here fails a test of `tests/lib/other-tenant.test.ts`. */
export const ON_PEOPLE: Record<string, Deed> = {
  changeRole: (actor, userId) => changeRole(actor, { userId, role: 'tenant_admin' }),
  deactivate: (actor, userId) => deactivate(actor, { userId }),
  reactivate: (actor, userId) => reactivate(actor, { userId }),
  forceSignOut: (actor, userId) => forceSignOut(actor, { userId }),
  endSession: (actor, userId, sessionId) => endSession(actor, { userId, sessionId }),
  resetSecondFactor: (actor, userId) => resetSecondFactor(actor, { userId }),
  askForSecondFactor: (actor, userId) => askForSecondFactor(actor, { userId }),
  remove: (actor, userId) => remove(actor, { userId }),
  restore: (actor, userId) => restore(actor, { userId }),
  editProfile: (actor, userId) => editProfile(actor, { userId, email: 'x@x.example', firstName: 'X', lastName: 'X' }),
  sendPasswordReset: (actor, userId) => sendPasswordReset(actor, { userId }),
  resendInvitation: (actor, userId) => resendInvitation(actor, { userId }),
  revokeInvitation: (actor, userId) => revokeInvitation(actor, { userId }),
  unlinkIdentity: (actor, userId) => unlinkIdentity(actor, { userId }),
  showInvitationLink: (actor, userId) => showInvitationLink(actor, { userId }),
};
