'use server';

import { z } from 'zod';
import { adminAction } from '@/app/form-action';
import { done } from '@/lib/outcome';
import { changeSecuritySettings } from '@/lib/users/security-settings';
import { toDone } from '../done';
import { SECURITY_PATH, settingsInput, settingsParams } from './settings-input';

/** Changes nothing yet: leads to the page that shows the consequences. */
export const reviewSettingsAction = adminAction(
  settingsInput,
  async (_, settings) => done(settings),
  (settings) => `${SECURITY_PATH}/review?${new URLSearchParams(settingsParams(settings))}`,
);

export const saveSettingsAction = adminAction(
  z.intersection(settingsInput, z.object({ seen: z.string() })),
  (actor, { seen, ...settings }) => changeSecuritySettings(actor, { settings, seen }),
  toDone(SECURITY_PATH),
);
