/** Where one proves again who one is, and then goes on; `again`: with what was refused for it. */
export const confirmPath = (next: string, again = false): string =>
  `/profile/confirm?next=${encodeURIComponent(next)}${again ? '&again=yes' : ''}`;

/** A path on this site, or the fallback: nobody is sent elsewhere by a link to us. */
export function ownPath(given: unknown, fallback: string): string {
  if (typeof given !== 'string' || !/^\/(?![/\\])[\x21-\x7e]*$/.test(given)) return fallback;
  const base = 'http://own.invalid';
  return URL.canParse(given, base) && new URL(given, base).origin === base ? given : fallback;
}
