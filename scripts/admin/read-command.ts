import { parseArgs } from 'node:util';
import { z } from 'zod';
import { EnvError } from '@/lib/env';
import { type Command, kebab, Refused, UsageError } from './command';
import { COMMANDS } from './commands';

/** Parses the command line into a command of the table and its input. @throws UsageError, z.ZodError */
export function readCommand(argv: string[]) {
  const firstOption = argv.findIndex((word) => word.startsWith('-'));
  const words = firstOption < 0 ? argv : argv.slice(0, firstOption);
  const { command, operand } = findWithOperand(words);
  const input = command.parse({ ...operand, ...optionsOf(argv.slice(words.length), command.options) });
  return { input, anyKey: command.anyKey, run: (password?: string) => command.run(input as never, password) };
}

function findWithOperand(words: string[]): { command: Command; operand: Record<string, string> } {
  const whole = COMMANDS.get(words.join(' '));
  if (whole) return { command: whole, operand: {} };
  const command = COMMANDS.get(words.slice(0, -1).join(' '));
  const [name] = Object.entries(command?.options ?? {}).find(([, { operand }]) => operand) ?? [];
  const value = words.at(-1);
  if (!command || !name || !value) throw new UsageError(noCommand(words));
  return { command, operand: { [name]: value } };
}

/** Guesses what was meant: options come last, a noun has verbs, and few commands take an operand. */
function noCommand(words: string[]): string {
  const typed = words.join(' ');
  if (typed === '') return 'Options come after the command: <noun> <verb> --options. See --help.';
  const longest = words.map((_, i) => words.slice(0, words.length - i).join(' ')).find((name) => COMMANDS.has(name));
  if (longest) return `“${longest}” takes no “${typed.slice(longest.length + 1)}”. See ${longest} --help.`;
  const verbs = [...COMMANDS.keys()].filter((name) => name.startsWith(`${words[0]} `));
  return verbs.length > 0
    ? `There is no command “${typed}”, but there is: ${verbs.join(', ')}. Options come last.`
    : `There is no command “${typed}”. See --help.`;
}

function optionsOf(argv: string[], options: Command['options']): Record<string, unknown> {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { value }]) => [name, { type: value ? 'string' : 'boolean' } as const]),
  );
  try {
    return parseArgs({ args: argv, options: config, strict: true }).values;
  } catch (error) {
    // The first line names the problem; the rest is advice about positional arguments, which are not allowed here.
    const [what = ''] = (error as Error).message.split(/\n|\. /);
    throw new UsageError(`${what.replace(/\.$/, '')}. See --help.`);
  }
}

/** A message that begins with a small letter continues the option's name. */
const sentence = ({ path, message }: z.core.$ZodIssue): string => {
  const option = `--${kebab(String(path[0]))}`;
  return /^[a-z]/.test(message) ? `${option} ${message}.` : `${option}: ${message}`;
};

/** Exit code and message of a failure: 2 for wrong usage, 1 for a refusal. Null words mean an unexpected error. */
export function failureOf(error: unknown): { code: 1 | 2; words: string | null } {
  if (error instanceof z.ZodError) return { code: 2, words: error.issues.map(sentence).join('\n') };
  if (error instanceof UsageError) return { code: 2, words: error.message };
  return { code: 1, words: error instanceof Refused || error instanceof EnvError ? error.message : null };
}
