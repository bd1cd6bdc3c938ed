/** Where one proves again who one is, and then goes on. */
export const confirmPath = (next: string): string => `/profile/confirm?next=${encodeURIComponent(next)}`;

/** A path on this site, or the fallback: nobody is sent elsewhere by a link to us. */
export function ownPath(given: unknown, fallback: string): string {
  if (typeof given !== 'string' || !/^\/(?![/\\])[\x21-\x7e]*$/.test(given)) return fallback;
  const base = 'http://own.invalid';
  return URL.canParse(given, base) && new URL(given, base).origin === base ? given : fallback;
}
