import { parseArgs } from 'node:util';
import { z } from 'zod';
import { EnvError } from '@/lib/env';
import { type Command, kebab, Refused, readPassword, UsageError } from './admin/command';
import { findCommand } from './admin/commands';
import { connect } from './admin/connect';
import { helpFor } from './admin/help';
import { print } from './admin/print';

/**
 * The operator's shell: one JSON value on stdout; a refusal is a sentence on stderr and exit 1, wrong usage exit 2.
 * The operator stands above the product's roles, but not above its rules: every deed is the page's own command, and audited.
 */
async function main(argv: string[]): Promise<void> {
  const firstOption = argv.findIndex((word) => word.startsWith('-'));
  const words = firstOption < 0 ? argv : argv.slice(0, firstOption);
  const name = words.join(' ');
  if (argv.includes('--help') || argv.includes('-h') || argv.length === 0) return void console.log(helpFor(name));
  const command = findCommand(name);
  if (!command) throw new UsageError(`There is no command “${name}”. See --help.`);

  const input = command.parse(optionsOf(argv.slice(words.length), command.options));
  const password = input.passwordStdin ? await readPassword() : undefined;
  const disconnect = await connect();
  try {
    await print(await command.run(input as never, password));
  } finally {
    await disconnect();
  }
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

main(process.argv.slice(2)).catch((error: unknown) => {
  process.exitCode = error instanceof UsageError || error instanceof z.ZodError ? 2 : 1;
  if (error instanceof z.ZodError) console.error(error.issues.map(sentence).join('\n'));
  else if (error instanceof UsageError || error instanceof Refused || error instanceof EnvError)
    console.error(error.message);
  // Whoever reads our output has seen enough, such as `head`.
  else if ((error as NodeJS.ErrnoException).code !== 'EPIPE') console.error(error);
});
