import { dateOnly, dateTime, exactTime, relativeTime } from './format-time';

type Props = { at: Date; now: Date; timeZone: string; style: 'relative' | 'datetime' | 'date' };

/** In the reader's zone, with the exact instant on hover. Rendered by the server: see time-zone.tsx. */
export function Time({ at, now, timeZone, style }: Props) {
  const words =
    style === 'relative' ? relativeTime(at, now) : style === 'date' ? dateOnly(at, timeZone) : dateTime(at, timeZone);
  return (
    <time dateTime={at.toISOString()} title={exactTime(at, timeZone)}>
      {words}
    </time>
  );
}
