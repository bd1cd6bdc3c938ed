import { readPassword } from './admin/command';
import { connect } from './admin/connect';
import { helpFor } from './admin/help';
import { print } from './admin/print';
import { failureOf, readCommand } from './admin/read-command';

/**
 * The operator's shell: one JSON value on stdout; a refusal is a sentence on stderr and exit 1, wrong usage exit 2.
 * The operator stands above the product's roles, but not above its rules: every deed is the page's own command, and audited.
 */
async function main(argv: string[]): Promise<void> {
  if (argv.includes('--help') || argv.includes('-h') || argv.length === 0) {
    const firstOption = argv.findIndex((word) => word.startsWith('-'));
    return void console.log(helpFor(argv.slice(0, Math.max(0, firstOption)).join(' ')));
  }
  const { input, run } = readCommand(argv);
  const password = input.passwordStdin ? await readPassword() : undefined;
  const disconnect = await connect();
  try {
    await print(await run(password));
  } finally {
    await disconnect();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const { code, words } = failureOf(error);
  process.exitCode = code;
  if (words !== null) console.error(words);
  // Whoever reads our output has seen enough, such as `head`.
  else if ((error as NodeJS.ErrnoException).code !== 'EPIPE') console.error(error);
});
