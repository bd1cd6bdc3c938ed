'use server';

import { z } from 'zod';
import { adminAction } from '@/app/form-action';
import { meant, shownField } from '@/app/meant';
import { sendPasswordReset } from '@/lib/auth/forgot-password';
import { resendInvitation, revokeInvitation, showInvitationLink } from '@/lib/invitations/handle';
import { resetSecondFactor } from '@/lib/mfa/reset';
import { done, type Outcome } from '@/lib/outcome';
import { unlinkIdentity } from '@/lib/saml/unlink';
import { deactivate, reactivate } from '@/lib/users/deactivate';
import { emailField, firstNameField, idField, lastNameField, roleField } from '@/lib/users/fields';
import { editProfile } from '@/lib/users/profile';
import { remove, restore } from '@/lib/users/remove';
import { changeRole } from '@/lib/users/role';
import { endSession, forceSignOut } from '@/lib/users/sign-out';
import { detailHref } from '../detail-href';

const person = z.object({ userId: idField });

/** Back to the person's page, which shows the audit entry of the command. */
const toDetail = ({ auditId }: { auditId: string | null }, { userId }: { userId: string }) =>
  detailHref(userId, auditId);

/** To the sign-in page if the actor has ended their own session. */
const toDetailOrOut = (value: { auditId: string; own: boolean }, input: { userId: string }) =>
  value.own ? '/sign-in' : toDetail(value, input);
const tellOwn = <T extends object, R extends string>(outcome: Outcome<T, R>, own: boolean) =>
  outcome.ok ? done({ ...outcome.value, own }) : outcome;

export const changeRoleAction = adminAction(person.extend({ role: roleField }), changeRole, (value, input) =>
  // Actors who have taken the role from themselves may no longer see this page.
  value.own && input.role !== 'tenant_admin' ? '/' : toDetail(value, input),
);
export const deactivateAction = adminAction(person, deactivate, toDetail);
export const reactivateAction = adminAction(person, reactivate, toDetail);
export const forceSignOutAction = adminAction(
  person,
  async (actor, input) => tellOwn(await forceSignOut(actor, input), actor.userId === input.userId),
  toDetailOrOut,
);
export const endSessionAction = adminAction(
  person.extend({ sessionId: idField }),
  async (actor, input) => tellOwn(await endSession(actor, input), actor.sessionId === input.sessionId),
  toDetailOrOut,
);
export const resetSecondFactorAction = adminAction(person, resetSecondFactor, (value, input) =>
  value.own ? '/sign-in?notice=factor-reset' : toDetail(value, input),
);
export const unlinkIdentityAction = adminAction(person, unlinkIdentity, toDetail);
export const removeAction = adminAction(person.extend({ typed: z.string() }), remove, toDetail);
export const restoreAction = adminAction(person, restore, toDetail);
export const sendPasswordResetAction = adminAction(person, sendPasswordReset, toDetail);
export const resendInvitationAction = adminAction(person, resendInvitation, toDetail);
export const revokeInvitationAction = adminAction(person, revokeInvitation, toDetail);

export const editProfileAction = adminAction(
  person.extend({ email: emailField, firstName: firstNameField, lastName: lastNameField, shown: shownField }),
  (actor, { userId, shown, ...profile }) => editProfile(actor, { userId, ...meant(profile, shown) }),
  toDetail,
);

export const showInvitationLinkAction = adminAction(person, showInvitationLink, ({ url }) => ({
  status: 'done',
  message: 'Whoever has this link can accept the invitation. That you looked at it is in the audit trail.',
  values: { url },
}));
