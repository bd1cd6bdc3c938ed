/** Between the password and the choice of a tenant: what was proven, sealed, for this page only. */
export const CHOICE_COOKIE = 'rollcall-choice';
export const CHOICE_PATH = '/sign-in/choose';
