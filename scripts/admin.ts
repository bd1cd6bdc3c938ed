import { parseArgs } from 'node:util';
import { z } from 'zod';
import { EnvError } from '@/lib/env';
import { Refused, readStdin, UsageError } from './admin/command';
import { COMMANDS } from './admin/commands';
import { connect } from './admin/connect';
import { helpFor } from './admin/help';

/**
 * The operator's shell: one JSON value on stdout; a refusal is a sentence on stderr and exit 1, wrong usage exit 2.
 */
async function main(argv: string[]): Promise<void> {
  const noun = argv[0]?.startsWith('-') ? '' : (argv[0] ?? '');
  const verb = argv[1]?.startsWith('-') ? '' : (argv[1] ?? '');
  const command = COMMANDS[noun]?.[verb];
  if (argv.includes('--help') || argv.includes('-h') || argv.length === 0)
    return console.log(helpFor(COMMANDS, noun, verb));
  if (!command) throw new UsageError(`There is no command “${[noun, verb].filter(Boolean).join(' ')}”. See --help.`);

  const words = verb === '' ? 1 : 2;
  const input = command.parse(optionsOf(argv.slice(words), command.options));
  const secret = input.passwordStdin ? await readStdin() : undefined;
  const disconnect = await connect();
  try {
    console.log(JSON.stringify(await command.run(input as never, secret), null, 2));
  } finally {
    await disconnect();
  }
}

function optionsOf(argv: string[], options: Record<string, { flag?: boolean }>): Record<string, unknown> {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { flag }]) => [
      name,
      { type: flag ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  try {
    return parseArgs({ args: argv, options: config, strict: true }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const usage = error instanceof UsageError || error instanceof z.ZodError;
  if (error instanceof z.ZodError) {
    for (const issue of error.issues) console.error(`--${kebab(String(issue.path[0]))}: ${issue.message}`);
  } else if (error instanceof UsageError || error instanceof Refused || error instanceof EnvError)
    console.error(error.message);
  else console.error(error);
  process.exitCode = usage ? 2 : 1;
});

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
