import { z } from 'zod';
import { BULK_DEEDS } from '@/db/schema/jobs';
import { ROLES } from '@/lib/actor';
import { BULK_MOST } from '@/lib/bulk';
import { idField } from '@/lib/users/fields';
import { LOGIN_FILTERS, MFA_FILTERS, STATUS_FILTERS } from '@/lib/users/list';
import { searchField } from '../search-params';

/** The people chosen in the list: first in the URL of the page, then in its form. */
export const selection = z.object({
  deed: z.enum(BULK_DEEDS),
  ids: z.preprocess((ids) => (Array.isArray(ids) ? ids : [ids]), z.array(idField).min(1).max(BULK_MOST)),
});

/**
 * Everybody who matches the list's filters. Invalid filters are refused: the list ignores them, but here that would widen
 * the set.
 */
export const wholeView = z.object({
  deed: z.enum(BULK_DEEDS),
  all: z.literal('yes'),
  q: searchField.optional(),
  status: z.enum(STATUS_FILTERS).optional(),
  role: z.enum(ROLES).optional(),
  mfa: z.enum(MFA_FILTERS).optional(),
  saml: z.enum(['yes', 'no']).optional(),
  login: z.enum(LOGIN_FILTERS).optional(),
});
