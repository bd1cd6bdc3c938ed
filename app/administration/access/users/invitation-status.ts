const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * The status as words, such as "Invited · expires in 22 h". Must agree with the SQL of the status filter (lib/users/list.ts).
 * `expiresAt` is null if there is no open invitation, so it was revoked.
 */
export function invitationStatus(
  expiresAt: Date | null,
  now: Date,
): { tone: 'accent' | 'warn' | 'neutral'; words: string } {
  if (expiresAt === null) return { tone: 'neutral', words: 'Invitation revoked' };
  if (expiresAt <= now) return { tone: 'warn', words: 'Invitation expired' };
  const minutes = Math.floor((expiresAt.getTime() - now.getTime()) / MINUTE_MS);
  return { tone: 'accent', words: `Invited · expires in ${span(minutes)}` };
}

/** The time in milliseconds until which these words stay the same if nothing is changed. */
export function invitationStatusUntil(expiresAt: Date | null, now: Date): number {
  const leftMs = expiresAt === null ? 0 : expiresAt.getTime() - now.getTime();
  if (expiresAt === null || leftMs <= 0) return Number.POSITIVE_INFINITY;
  // Both of the last two minutes show "1 min".
  if (leftMs < 2 * MINUTE_MS) return expiresAt.getTime();
  const unitMs = leftMs < HOUR_MS ? MINUTE_MS : leftMs < 48 * HOUR_MS ? HOUR_MS : 24 * HOUR_MS;
  // The words still hold at the full minute, hour or day itself, hence the extra millisecond.
  return expiresAt.getTime() - Math.floor(leftMs / unitMs) * unitMs + 1;
}

function span(minutes: number): string {
  if (minutes < 60) return `${Math.max(1, minutes)} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
