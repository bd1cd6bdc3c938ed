import { cookies } from 'next/headers';

/** The reader's time zone from the cookie that their browser sets; UTC without one. */
export const readerTimeZone = async (): Promise<string> => zoneNamed((await cookies()).get(TIME_ZONE_COOKIE)?.value);

export const TIME_ZONE_COOKIE = 'tz';

const MOST_KEPT = 500;
const zones = new Map<string, string>();

/** Resolving a zone name is slow compared with rendering a page, so results are cached. */
function zoneNamed(name = 'UTC'): string {
  const kept = zones.get(name);
  if (kept) return kept;
  if (zones.size >= MOST_KEPT) zones.clear();
  const zone = zoneOf(name);
  zones.set(name, zone);
  return zone;
}

function zoneOf(name: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: decodeURIComponent(name) }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
}
