'use server';

import { z } from 'zod';
import { adminAction } from '@/app/form-action';
import { createApiKey } from '@/lib/api-keys/create';
import { revokeApiKey } from '@/lib/api-keys/revoke';
import { idField, keyNameField } from '@/lib/users/fields';
import { toDone } from '../done';
import { LIFETIMES } from './lifetimes';
import { KEYS_PATH } from './path';

const lifetime = z.enum(LIFETIMES, 'Choose how long the key lives.');

/** The only answer that holds the token. It stands in no address, and a reload does not bring it back. */
export const createKeyAction = adminAction(
  z.object({ name: keyNameField, days: lifetime.transform((days) => (days === 'never' ? null : Number(days))) }),
  createApiKey,
  ({ token }) => ({
    status: 'done',
    message: 'The key is made. Copy it now: it is shown this once.',
    values: { token },
  }),
);

export const revokeKeyAction = adminAction(z.object({ keyId: idField }), revokeApiKey, toDone(KEYS_PATH));
