/** A log line for people: time, level, message, then the other fields. The stack of an error follows below. */
type Told = { message: string; stack?: string; cause?: Told };

/** Fields that are not repeated after the message. */
const SAID = ['level', 'time', 'pid', 'msg', 'err', 'method', 'route', 'status', 'ms'];

export function prettyLine(json: string): string {
  const line: Record<string, unknown> & { level: string; time: string; msg?: string; err?: Told } = JSON.parse(json);
  // Quoted as in JSON, so that no value can start a new line.
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
