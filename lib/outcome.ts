/**
 * The result of a command: done, with a value, or an expected refusal, a literal of the command's own union. Unexpected errors
 * are thrown.
 */
export type Outcome<T, R extends string> = { ok: true; value: T } | { ok: false; refusal: R };

export const done = <T>(value: T): { ok: true; value: T } => ({ ok: true, value });
export const refuse = <R extends string>(refusal: R): { ok: false; refusal: R } => ({ ok: false, refusal });
