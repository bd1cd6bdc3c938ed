/**
 * What a command answers: done, with what was done, or an expected refusal named by a literal of the command's own union.
 * Anything unexpected is thrown.
 */
export type Outcome<T, R extends string> = { ok: true; value: T } | { ok: false; refusal: R };

export const done = <T>(value: T): { ok: true; value: T } => ({ ok: true, value });
export const refuse = <R extends string>(refusal: R): { ok: false; refusal: R } => ({ ok: false, refusal });
