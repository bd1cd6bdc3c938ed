import { ownCookieName } from '@/lib/auth/cookie';

/** The cookie between the password and the choice of a tenant: a sealed record of what was proven, for this page only. */
export const choiceCookieName = (): string => ownCookieName('rollcall-choice');
export const CHOICE_PATH = '/sign-in/choose';
