/** Dates as text, in a given zone. Pure: the clock is an argument. */
const DAY = { day: 'numeric', month: 'short', year: 'numeric' } as const;
const MINUTE = { ...DAY, hour: '2-digit', minute: '2-digit' } as const;
const SECOND = { ...MINUTE, weekday: 'short', second: '2-digit', timeZoneName: 'short' } as const;

export const exactTime = (at: Date, timeZone: string): string => formatter(SECOND, timeZone).format(at);
/** UTC is nobody's own zone, so it is shown: the reader might take it for theirs. */
export const dateTime = (at: Date, timeZone: string): string =>
  `${formatter(MINUTE, timeZone).format(at)}${timeZone === 'UTC' ? ' UTC' : ''}`;
export const dateOnly = (at: Date, timeZone: string): string => formatter(DAY, timeZone).format(at);

type Style = typeof DAY | typeof MINUTE | typeof SECOND;
/** Readers choose their zones, so their number is bounded here. */
const MOST_ZONES = 200;
const made = new Map<Style, Map<string, Intl.DateTimeFormat>>();

/** Cached: creating one takes longer than everything else in a row. */
function formatter(style: Style, timeZone: string): Intl.DateTimeFormat {
  const ofStyle = made.get(style) ?? new Map<string, Intl.DateTimeFormat>();
  made.set(style, ofStyle);
  const kept = ofStyle.get(timeZone);
  if (kept) return kept;
  if (ofStyle.size >= MOST_ZONES) ofStyle.clear();
  const fresh = new Intl.DateTimeFormat('en-GB', { ...style, timeZone });
  ofStyle.set(timeZone, fresh);
  return fresh;
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

/** "3 days ago", "in 2 hours", and "just now" within a minute. */
export function relativeTime(at: Date, now: Date): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return RELATIVE.format(Math.trunc(seconds / length), unit);
  }
  return 'just now';
}

/**
 * The time, in milliseconds, until which `relativeTime` returns the same text. For a time in the future, which is not shown,
 * it is `now`.
 */
export function relativeTimeUntil(at: Date, now: Date): number {
  const [begun, age] = [at.getTime(), now.getTime() - at.getTime()];
  if (age < 0) return now.getTime();
  const step = STEPS.findIndex(([, length]) => age >= length * 1000);
  const length = 1000 * (STEPS[step]?.[1] ?? 60);
  const longer = 1000 * (STEPS[step - 1]?.[1] ?? Number.POSITIVE_INFINITY);
  if (step === -1) return begun + length;
  return begun + Math.min((Math.trunc(age / length) + 1) * length, longer);
}

/**
 * The instant at which a day (2026-11-25) begins in a zone: its midnight. If the clock is put back over midnight, the first of
 * the two. If it is put forward over midnight, the moment of that change.
 */
export function startOfDay(day: string, timeZone: string): Date {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const offsets = [midnight - DAY_MS, midnight + DAY_MS].map((instant) => offsetAt(instant, timeZone));
  const [before = midnight, after = midnight] = offsets.map((offset) => midnight - offset);
  const isMidnight = (instant: number) => instant + offsetAt(instant, timeZone) === midnight;
  return new Date(isMidnight(after) && !(isMidnight(before) && before < after) ? after : before);
}

const DAY_MS = 86_400_000;

/** How many milliseconds the clocks of a zone are ahead of UTC. */
function offsetAt(instant: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instant);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const clock = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return clock - Math.floor(instant / 1000) * 1000;
}
