'use server';

import { z } from 'zod';
import { ownAction } from '@/app/form-action';
import { changePassword, editOwnNames, endOtherSessions, endOwnSession, reportStolen } from '@/lib/auth/own-account';
import { idField, ownFirstNameField, ownLastNameField, passwordField } from '@/lib/users/fields';

const count = (n: number) => `${n} other ${n === 1 ? 'session was' : 'sessions were'} ended.`;

export const editOwnNamesAction = ownAction(
  z.object({ firstName: ownFirstNameField, lastName: ownLastNameField }),
  editOwnNames,
  (_, values) => ({ status: 'done', message: 'Your name is saved.', values }),
);

export const changePasswordAction = ownAction(
  z.object({ currentPassword: passwordField, password: passwordField }),
  changePassword,
  ({ sessionsEnded }) => ({ status: 'done', message: `Your password is changed. ${count(sessionsEnded)}` }),
);

export const endOwnSessionAction = ownAction(z.object({ sessionId: idField }), endOwnSession, () => '/profile');

export const endOtherSessionsAction = ownAction(z.object({}), endOtherSessions, ({ sessionsEnded }) => ({
  status: 'done',
  message: count(sessionsEnded),
}));

export const reportStolenAction = ownAction(z.object({}), reportStolen, () => '/sign-in?notice=reported-stolen');
