import { ownCookieName } from '@/lib/auth/cookie';

/** Between the password and the choice of a tenant: what was proven, sealed, for this page only. */
export const choiceCookieName = (): string => ownCookieName('rollcall-choice');
export const CHOICE_PATH = '/sign-in/choose';
