import { parseArgs } from 'node:util';
import { z } from 'zod';
import { EnvError } from '@/lib/env';
import { type Command, kebab, Refused, UsageError } from './command';
import { findCommand } from './commands';

/** What was typed, as a command of the table and what it is given. @throws UsageError, z.ZodError */
export function readCommand(argv: string[]) {
  const firstOption = argv.findIndex((word) => word.startsWith('-'));
  const words = firstOption < 0 ? argv : argv.slice(0, firstOption);
  const { command, operand } = findWithOperand(words);
  const input = command.parse({ ...operand, ...optionsOf(argv.slice(words.length), command.options) });
  return { input, run: (password?: string) => command.run(input as never, password) };
}

function findWithOperand(words: string[]): { command: Command; operand: Record<string, string> } {
  const whole = findCommand(words.join(' '));
  if (whole) return { command: whole, operand: {} };
  const command = findCommand(words.slice(0, -1).join(' '));
  const [name] = Object.entries(command?.options ?? {}).find(([, { operand }]) => operand) ?? [];
  const value = words.at(-1);
  if (!command || !name || !value) throw new UsageError(`There is no command “${words.join(' ')}”. See --help.`);
  return { command, operand: { [name]: value } };
}

function optionsOf(argv: string[], options: Command['options']): Record<string, unknown> {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { value }]) => [name, { type: value ? 'string' : 'boolean' } as const]),
  );
  try {
    return parseArgs({ args: argv, options: config, strict: true }).values;
  } catch (error) {
    // The second sentence is about positional arguments, of which there are none here.
    throw new UsageError(`${(error as Error).message.split('. ')[0]}. See --help.`);
  }
}

/** A message that begins with a small letter goes on from the option's name. */
const sentence = ({ path, message }: z.core.$ZodIssue): string => {
  const option = `--${kebab(String(path[0]))}`;
  return /^[a-z]/.test(message) ? `${option} ${message}.` : `${option}: ${message}`;
};

/** How it ends: 2 for wrong usage, 1 for a refusal, each in a sentence. Null words: nobody expected this. */
export function failureOf(error: unknown): { code: 1 | 2; words: string | null } {
  if (error instanceof z.ZodError) return { code: 2, words: error.issues.map(sentence).join('\n') };
  if (error instanceof UsageError) return { code: 2, words: error.message };
  return { code: 1, words: error instanceof Refused || error instanceof EnvError ? error.message : null };
}
