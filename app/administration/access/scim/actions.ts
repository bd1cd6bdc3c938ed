'use server';

import { z } from 'zod';
import { adminAction } from '@/app/form-action';
import { setPaused } from '@/lib/scim/connection';
import { mapGroup } from '@/lib/scim/groups';
import { createToken, revokeToken } from '@/lib/scim/tokens';
import { idField, roleField, tokenNameField } from '@/lib/users/fields';
import { toDone } from '../done';
import { SCIM_PATH } from './scim-path';

const toPage = toDone(SCIM_PATH);

export const createTokenAction = adminAction(
  z.object({
    name: tokenNameField,
    expires: z
      .enum(['90', '365', 'never'], 'Choose how long it is valid.')
      .transform((days) => (days === 'never' ? null : Number(days))),
  }),
  (actor, { name, expires }) => createToken(actor, { name, days: expires }),
  ({ name, token }) => ({
    status: 'done',
    message: `This is the token “${name}”. It is shown now and never again: copy it into your identity provider.`,
    values: { shown: token },
  }),
);

export const revokeTokenAction = adminAction(z.object({ tokenId: idField }), revokeToken, toPage);

export const pauseAction = adminAction(
  z.object({ paused: z.enum(['yes', 'no']).transform((word) => word === 'yes') }),
  setPaused,
  toPage,
);

export const mapGroupAction = adminAction(
  z.object({ groupId: idField, role: z.union([roleField, z.literal('').transform(() => null)]) }),
  mapGroup,
  toPage,
);
