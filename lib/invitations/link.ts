import { env } from '@/lib/env';

/** What a sealed token was sealed for. */
export const LINK_PURPOSE = 'invitation-link';

export const invitationUrl = (token: string): string => `${env().APP_URL}/invitations/${token}`;
