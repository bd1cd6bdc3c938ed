import { hash, verify } from '@node-rs/argon2';
import { PASSWORD_MAX, PASSWORD_MIN } from './password-length';
import { strengthOf } from './password-strength';

/** argon2id with OWASP's parameters (Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane); the library's default algorithm. */
export const ARGON = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashes run off the event loop, at most two at once, so that a burst of sign-ins leaves a core for the pages. */
const MOST_AT_ONCE = 2;
let running = 0;
const waiting: (() => void)[] = [];

export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

export const hashPassword = (password: string): Promise<string> => inTurn(() => hash(password, ARGON));

let decoy: Promise<string> | undefined;

/** Without a hash, verifies against a decoy that matches nothing, so that an unknown account costs the same. */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  decoy ??= hash('no account has this password', ARGON);
  const against = passwordHash ?? (await decoy);
  const matches = await inTurn(() => verify(against, password).catch(() => false));
  return matches && passwordHash !== null;
}

export type PasswordProblem = 'password-short' | 'password-long' | 'password-common' | 'password-personal';

/** Checks length, then own words (address, product and tenant name), then commonness. There are no other rules. */
export function passwordProblem(password: string, ownWords: string[]): PasswordProblem | null {
  const length = [...password].length;
  if (length < PASSWORD_MIN) return 'password-short';
  if (length > PASSWORD_MAX) return 'password-long';
  const words = [...ownWords.flatMap((word) => [word, word.split('@')[0] ?? '']), 'rollcall'].map(bare);
  if (words.some((word) => word.length >= 4 && bare(password).includes(word))) return 'password-personal';
  if (isMadeOf(password, [...ownWords, 'roll call'])) return 'password-personal';
  return strengthOf(password).tooEasy ? 'password-common' : null;
}

/** Only the letters and digits, in lower case. */
const bare = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');

/** With fewer other letters than this beside own words, the password is easy for a guesser who knows those words. */
const OTHER_LETTERS = 6;

/** "northwind-traders-2026" at Northwind Traders Ltd, "lovelace.1815" of ada.lovelace@…: own words with digits and marks. */
function isMadeOf(password: string, ownWords: string[]): boolean {
  const parts = ownWords
    .flatMap((word) => word.toLowerCase().split(/[^\p{L}\p{N}]+/u))
    .filter((part) => part.length >= 3)
    .sort((a, b) => b.length - a.length);
  const whole = bare(password);
  const rest = parts.reduce((left, part) => left.replaceAll(part, ' '), whole);
  return rest !== whole && rest.replace(/[^\p{L}]+/gu, '').length < OTHER_LETTERS;
}

export const PASSWORD_SENTENCES: Record<PasswordProblem, string> = {
  'password-short': `The password must have at least ${PASSWORD_MIN} characters.`,
  'password-long': `The password may have at most ${PASSWORD_MAX} characters.`,
  'password-common': 'This password is too common or too easy to guess. Choose another one.',
  'password-personal': 'The password must not contain your address or the name of the organisation or the product.',
};
