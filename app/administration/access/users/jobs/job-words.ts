import type { Tone } from '@/components/ui/badge';
import type { Job, JobDeed } from '@/db/schema/jobs';
import { counted } from '@/lib/counted';
import { DEED_WORDS } from '../bulk/deed-words';

const INVITE = { title: 'Invite many', done: 'invited' };
export const wordsOf = (deed: JobDeed): { title: string; done: string } =>
  deed === 'invite' ? INVITE : DEED_WORDS[deed];

export const people = (n: number): string => counted(n, 'person', 'people');

const STATUS: Record<Job['status'], { tone: Tone; words: string }> = {
  draft: { tone: 'neutral', words: 'Waits to be confirmed' },
  open: { tone: 'accent', words: 'Under way' },
  finished: { tone: 'ok', words: 'Done' },
  stopped: { tone: 'warn', words: 'Stopped' },
};
export const statusOf = ({ status }: Pick<Job, 'status'>) => STATUS[status];

/** Why a job stopped. */
export const STOP_SENTENCES: Record<NonNullable<Job['stopped']>, string> = {
  asked: 'An admin stopped it.',
  actor:
    'It stopped by itself: the session in which it was begun has ended, or whoever began it is no Tenant Admin any more.',
  fault: 'It stopped by itself, since something went wrong on our side again and again. The operator’s log says what.',
};
