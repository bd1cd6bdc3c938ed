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

/** The only response that contains the token. No URL contains it, and a reload does not show it again. */
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
