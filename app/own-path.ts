/** The path of the page that asks for a fresh proof, then leads to `next`. `again`: a refused command must be submitted again. */
export const confirmPath = (next: string, again = false): string =>
  `/profile/confirm?next=${encodeURIComponent(next)}${again ? '&again=yes' : ''}`;

/** Returns `given` if it is a path on this site, else the fallback, so that our links cannot redirect to other sites. */
export function ownPath(given: unknown, fallback: string): string {
  if (typeof given !== 'string' || !/^\/(?![/\\])[\x21-\x7e]*$/.test(given)) return fallback;
  const base = 'http://own.invalid';
  return URL.canParse(given, base) && new URL(given, base).origin === base ? given : fallback;
}
