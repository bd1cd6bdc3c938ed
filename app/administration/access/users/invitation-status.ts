import { standingOf } from '@/lib/users/list';

const MINUTE_MS = 60_000;

/** "Invited · expires in 22 h". Null: there is no open invitation, so it was revoked. */
export function invitationStatus(
  expiresAt: Date | null,
  now: Date,
): { tone: 'accent' | 'warn' | 'neutral'; words: string } {
  const standing = standingOf('invited', expiresAt, now);
  if (expiresAt === null || standing === 'revoked') return { tone: 'neutral', words: 'Invitation revoked' };
  if (standing === 'expired') return { tone: 'warn', words: 'Invitation expired' };
  const minutes = Math.floor((expiresAt.getTime() - now.getTime()) / MINUTE_MS);
  return { tone: 'accent', words: `Invited · expires in ${span(minutes)}` };
}

function span(minutes: number): string {
  if (minutes < 60) return `${Math.max(1, minutes)} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
