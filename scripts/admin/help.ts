import { type Command, UsageError } from './command';
import { COMMANDS } from './commands';

const PROGRAM = 'npm run -s admin --';

const columns = (rows: [string, string][]) => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
};

/** Help for the program, a noun or a whole command, from the table that defines them. */
export function helpFor(words: string): string {
  const command = COMMANDS.get(words);
  if (command) return commandHelp(words, command);
  const found = [...COMMANDS].filter(([name]) => words === '' || name.startsWith(`${words} `));
  if (found.length === 0) throw new UsageError(`There is no command “${words}”. See --help.`);
  return [
    `${PROGRAM} ${words || '<noun>'} <verb> --options`,
    columns(found.map(([name, { help }]) => [name, help])),
    'Each prints one JSON value. What a command takes: --help after it.',
  ].join('\n\n');
}

function commandHelp(name: string, { help, options, needs }: Command): string {
  const shown = Object.entries(options).map(([option, { value, help, operand }]) => {
    const usage = operand && value ? value : `--${option}${value ? ` ${value}` : ''}`;
    return { usage, help, needed: needs(option) };
  });
  return [
    [PROGRAM, name, ...shown.map(({ usage, needed }) => (needed ? usage : `[${usage}]`))].join(' '),
    `${help.charAt(0).toUpperCase()}${help.slice(1)}.`,
    ...(shown.length > 0 ? [columns(shown.map(({ usage, help }) => [usage, help]))] : []),
  ].join('\n\n');
}
