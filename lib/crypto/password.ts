import { hash, verify } from '@node-rs/argon2';
import { PASSWORD_MAX, PASSWORD_MIN } from './password-length';
import { strengthOf } from './password-strength';

/** argon2id with OWASP's parameters (Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane); the library's default algorithm. */
export const ARGON = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashes run beside the event loop; at most two at once, so that a storm of sign-ins leaves the pages a core. */
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

/** Without a hash it verifies against one that nobody has, so that an unknown account costs the same. */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  decoy ??= hash('no account has this password', ARGON);
  const against = passwordHash ?? (await decoy);
  const matches = await inTurn(() => verify(against, password).catch(() => false));
  return matches && passwordHash !== null;
}

export type PasswordProblem = 'password-short' | 'password-long' | 'password-common' | 'password-personal';

/** Length, then own words (address, names of the product and the tenant), then commonness. Nothing else is asked of it. */
export function passwordProblem(password: string, ownWords: string[]): PasswordProblem | null {
  const length = [...password].length;
  if (length < PASSWORD_MIN) return 'password-short';
  if (length > PASSWORD_MAX) return 'password-long';
  const lower = password.toLowerCase();
  const words = [...ownWords, ...ownWords.map((word) => word.split('@')[0] ?? ''), 'rollcall'];
  if (words.some((word) => word.length >= 4 && lower.includes(word.toLowerCase()))) return 'password-personal';
  return strengthOf(password).tooEasy ? 'password-common' : null;
}

export const PASSWORD_SENTENCES: Record<PasswordProblem, string> = {
  'password-short': `The password must have at least ${PASSWORD_MIN} characters.`,
  'password-long': `The password may have at most ${PASSWORD_MAX} characters.`,
  'password-common': 'This password is too common or too easy to guess. Choose another one.',
  'password-personal': 'The password must not contain your address or the name of the organisation or the product.',
};
