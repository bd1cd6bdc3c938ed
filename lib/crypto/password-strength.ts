import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import * as common from '@zxcvbn-ts/language-common';

/**
 * Estimates how many guesses a password withstands, by a list of common ones and typical patterns (zxcvbn). Pure, so that
 * the server's verdict and the hint beside the field agree.
 */
export type Strength = { tooEasy: boolean; words: string; advice: string };

/** Below ten million guesses: a common password, or one made only of repeats, rows of keys and dates. */
const TOO_FEW_GUESSES_LOG10 = 7;

let estimator: ZxcvbnFactory | undefined;

export function strengthOf(password: string): Strength {
  estimator ??= new ZxcvbnFactory({ dictionary: common.dictionary, graphs: common.adjacencyGraphs });
  const { guessesLog10, feedback } = estimator.check(password.slice(0, 128));
  const tooEasy = guessesLog10 < TOO_FEW_GUESSES_LOG10;
  const words = tooEasy ? 'Too easy to guess' : guessesLog10 < 10 ? 'Weak' : guessesLog10 < 14 ? 'Good' : 'Strong';
  return { tooEasy, words, advice: guessesLog10 < 10 ? adviceFor(feedback.warning) : '' };
}

const WARNINGS: Record<string, string> = {
  simpleRepeat: 'Repeats are guessed first.',
  extendedRepeat: 'Repeats are guessed first.',
  straightRow: 'Rows of keys are guessed first.',
  keyPattern: 'Patterns of keys are guessed first.',
  sequences: 'Sequences such as abc or 6543 are guessed first.',
  dates: 'Dates are guessed first.',
  recentYears: 'Years are guessed first.',
  topTen: 'It is among the ten most common passwords.',
  topHundred: 'It is among the hundred most common passwords.',
  common: 'It is a common password.',
  similarToCommon: 'It is like a common password.',
};

const adviceFor = (warning: string | null): string =>
  `${warning && WARNINGS[warning] ? `${WARNINGS[warning]} ` : ''}Three or four words that have nothing to do with each other are hard to guess.`;
