/** In characters, as a person counts them. Any are allowed. */
export const PASSWORD_MIN = 12;
export const PASSWORD_MAX = 128;
