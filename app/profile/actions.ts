'use server';

import { z } from 'zod';
import { ownAction } from '@/app/form-action';
import { changePassword, editOwnNames, endOtherSessions, endOwnSession, reportStolen } from '@/lib/auth/own-account';
import { counted } from '@/lib/counted';
import { idField, ownFirstNameField, ownLastNameField, passwordField } from '@/lib/users/fields';

const ended = (which: 'session' | 'others') => `/profile?notice=${which}-ended`;
const othersEnded = (n: number) => `${counted(n, 'other session was', 'other sessions were')} ended.`;

export const editOwnNamesAction = ownAction(
  z.object({ firstName: ownFirstNameField, lastName: ownLastNameField }),
  editOwnNames,
  (_, values) => ({ status: 'done', message: 'Your name is saved.', values }),
);

export const changePasswordAction = ownAction(
  z.object({ currentPassword: passwordField, password: passwordField }),
  changePassword,
  ({ sessionsEnded }) => ({ status: 'done', message: `Your password is changed. ${othersEnded(sessionsEnded)}` }),
);

export const endOwnSessionAction = ownAction(z.object({ sessionId: idField }), endOwnSession, () => ended('session'));

export const endOtherSessionsAction = ownAction(z.object({}), endOtherSessions, () => ended('others'));

export const reportStolenAction = ownAction(z.object({}), reportStolen, ({ isMailed }) =>
  isMailed ? '/sign-in?notice=reported-stolen' : '/sign-in?notice=reported-stolen-sso',
);
