import { and, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

const MOST_WORDS = 5;

/**
 * Matches all words, in any order, in a search column that begins with a blank. Words of three letters or more match anywhere;
 * shorter ones only match the start of a word, because a shorter substring has no trigram and would read the whole tenant.
 */
export function containsWords(column: PgColumn, q: string): SQL | undefined {
  const words = q.split(/\s+/).filter(Boolean).slice(0, MOST_WORDS);
  return and(...words.map((word) => sql`${column} like lower(${patternOf(word)})`));
}

function patternOf(word: string): string {
  const literal = word.replace(/[\\%_]/g, (character) => `\\${character}`);
  return [...word].length < 3 ? `% ${literal}%` : `%${literal}%`;
}
