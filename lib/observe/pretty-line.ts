/** A line of the log for the eye: time, level, words, then what it is about; an error with its stack below. */
type Told = { message: string; stack?: string; cause?: Told };

/** In the words already. */
const SAID = ['level', 'time', 'pid', 'msg', 'err', 'method', 'route', 'status', 'ms'];

export function prettyLine(json: string): string {
  const line: Record<string, unknown> & { level: string; time: string; msg?: string; err?: Told } = JSON.parse(json);
  // Quoted as in JSON, so that no value can begin a line of its own.
  const about = Object.entries(line).filter(([name]) => !SAID.includes(name));
  const words = `${clean(line.msg ?? '')}${line.err ? `: ${clean(line.err.message)}` : ''}`;
  const head = `${line.time.slice(11, 19)} ${line.level.padEnd(5)} ${words}`;
  return `${[head, ...about.map(([name, value]) => `${clean(name)}=${JSON.stringify(value)}`)].join('  ')}\n${stackOf(line.err)}`;
}

const clean = (text: string): string => JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');

const stackOf = (error: Told | undefined): string => {
  if (!error) return '';
  const frames = (error.stack ?? '').split('\n').filter((frame) => /^\s+at /.test(frame));
  const cause = error.cause ? `  caused by: ${clean(error.cause.message)}\n${stackOf(error.cause)}` : '';
  return `${frames.map((frame) => `  ${clean(frame)}\n`).join('')}${cause}`;
};
