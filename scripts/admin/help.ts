import type { Command } from './command';

type Commands = Record<string, Record<string, Command>>;

const lines = (rows: [string, string][]) => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
};

/** Help for the program, a noun or a verb, from the table that defines them. */
export function helpFor(commands: Commands, noun: string, verb: string): string {
  const command = commands[noun]?.[verb];
  if (command) {
    const rows = Object.entries(command.options).map(([name, { value, help }]): [string, string] => [
      `--${name}${value ? ` ${value}` : ''}`,
      help,
    ]);
    return `${noun} ${verb}: ${command.help}\n\n${lines(rows)}`;
  }
  const nouns = Object.entries(commands).filter(([name]) => noun === '' || name === noun);
  if (nouns.length === 0) return `There is no “${noun}”.\n\n${helpFor(commands, '', '')}`;
  const rows = nouns.flatMap(([name, verbs]) =>
    Object.entries(verbs).map(([each, { help }]): [string, string] => [`${name} ${each}`, help]),
  );
  return `npm run -s admin -- <noun> <verb> --options\n\n${lines(rows)}\n\nEach prints one JSON value. See “<noun> <verb> --help”.`;
}
