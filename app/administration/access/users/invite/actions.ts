'use server';

import { z } from 'zod';
import { adminAction } from '@/app/form-action';
import { invite } from '@/lib/invitations/invite';
import { emailField, firstNameField, lastNameField, roleField } from '@/lib/users/fields';
import { detailHref } from '../detail-href';

export const inviteAction = adminAction(
  z.object({ email: emailField, firstName: firstNameField, lastName: lastNameField, role: roleField }),
  invite,
  ({ userId, auditId }) => detailHref(userId, auditId),
);
