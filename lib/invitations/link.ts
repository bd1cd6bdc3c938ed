import { env } from '@/lib/env';

/** The purpose under which tokens are sealed. */
export const LINK_PURPOSE = 'invitation-link';

export const invitationUrl = (token: string): string => `${env().APP_URL}/invitations/${token}`;
