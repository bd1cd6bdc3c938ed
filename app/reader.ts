import { cookies } from 'next/headers';

/** The reader's time zone, as their browser told it; UTC until it has. */
export async function readerTimeZone(): Promise<string> {
  const zone = (await cookies()).get('tz')?.value;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: decodeURIComponent(zone ?? 'UTC') }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
}
