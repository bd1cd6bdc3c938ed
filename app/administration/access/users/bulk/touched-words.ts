import type { touched } from '@/lib/bulk';
import { keyWords, linkWords, remainingWords, scimWords, sessionWords } from '../[userId]/consequence-words';

/** The consequences of a bulk command, in sentences. */
export const touchedWords = (it: Awaited<ReturnType<typeof touched>>): string[] => [
  ...(it.sessionsEnding === null ? [] : [sessionWords(it.sessionsEnding)]),
  ...keyWords(it.liveKeys),
  ...linkWords(it),
  ...(it.adminsLeft === null ? [] : [remainingWords(it.adminsLeft)]),
  ...scimWords(it.ofScim),
];
