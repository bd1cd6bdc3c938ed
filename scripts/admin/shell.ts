import { inspect } from 'node:util';
import { readPassword } from './command';
import { connect } from './connect';
import { helpFor } from './help';
import { print, write } from './print';
import { failureOf, readCommand } from './read-command';

export type Terminal = {
  stdin: AsyncIterable<Uint8Array>;
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
};

/**
 * The operator's shell: one JSON value on stdout; a refusal is a sentence on stderr and exit 1, wrong usage exit 2. The
 * operator is above the product's roles, but not above its rules: every change uses the page's own command, and is audited.
 * @returns the exit code
 */
export async function shell(argv: string[], terminal: Terminal, open = connect): Promise<number> {
  try {
    await obey(argv, terminal, open);
    return 0;
  } catch (error) {
    const { code, words } = failureOf(error);
    // The reader of our output has closed it, as `head` does.
    const isUnread = (error as NodeJS.ErrnoException | null)?.code === 'EPIPE';
    if (words !== null || !isUnread) terminal.stderr.write(`${words ?? inspect(error)}\n`);
    return code;
  }
}

async function obey(argv: string[], terminal: Terminal, open: typeof connect): Promise<void> {
  const { stdout } = terminal;
  if (argv.includes('--help') || argv.includes('-h') || argv.length === 0) {
    const firstOption = argv.findIndex((word) => word.startsWith('-'));
    return write(stdout, [`${helpFor(argv.slice(0, Math.max(0, firstOption)).join(' '))}\n`]);
  }
  const { input, run, anyKey } = readCommand(argv);
  const password = input.passwordStdin ? await readPassword(terminal.stdin) : undefined;
  const close = await open({ anyKey });
  try {
    await print(await run(password), stdout);
  } finally {
    await close();
  }
}
