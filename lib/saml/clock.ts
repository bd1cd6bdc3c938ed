import { isKeptTime } from '@/db/kept-time';

/** By how much a provider's clock may differ from ours. */
export const CLOCK_SKEW_MS = 120_000;
/** The longest accepted lifetime of an assertion. Entra ID and AD FS use just over an hour, all others less. */
export const LONGEST_MS = 2 * 3_600_000;

/** An xs:dateTime with a time zone; null for anything else. */
export function readTime(given: string | null): Date | null {
  if (given === null || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(given)) return null;
  const time = new Date(given);
  return isKeptTime(time) ? time : null;
}
