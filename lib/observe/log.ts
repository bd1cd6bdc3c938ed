import { format } from 'node:util';
import pino, { type Logger } from 'pino';
import { readLogEnv } from '@/lib/env';
import { doingNow } from './doing';
import { prettyLine } from './pretty-line';
import { readableStack } from './readable-stack';

/**
 * The only way to write to the log: one line per event, as JSON or, at a terminal, in readable form. Each line names its
 * request. It contains no secrets and no personal addresses: routes appear as patterns, people and tenants as ids, and of
 * an error only what `told` keeps. Errors go to stderr, everything else to stdout.
 */
type About = Record<string, unknown>;

const MOST_CHARACTERS = 8_000;
const MOST_CAUSES = 4;
const ERROR = 50;

const shared = globalThis as typeof globalThis & { rollcallLog?: Logger };

/** Where the lines go. Tests replace these functions. */
export const logLines = {
  out: (line: string): void => void process.stdout.write(line),
  error: (line: string): void => void process.stderr.write(line),
};

const logger = (): Logger => {
  shared.rollcallLog ??= makeLogger();
  return shared.rollcallLog;
};

export const log = {
  debug: (message: string, about: About = {}): void => logger().debug(about, message),
  info: (message: string, about: About = {}): void => logger().info(about, message),
  warn: (message: string, about: About = {}): void => logger().warn(about, message),
  /** An unexpected error, with its stack. */
  error: (message: string, error?: unknown, about: About = {}): void =>
    logger().error(error === undefined ? about : { ...about, err: told(error) }, message),
};

function makeLogger(): Logger {
  const { LOG_FORMAT, LOG_LEVEL } = readLogEnv();
  const isPretty = (LOG_FORMAT ?? (process.stdout.isTTY ? 'pretty' : 'json')) === 'pretty';
  const stream = {
    // Tells pino to set `lastLevel` before each line.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string): void {
      const safe = unspoofed(isPretty ? prettyLine(line) : line);
      logLines[this.lastLevel >= ERROR ? 'error' : 'out'](safe);
    },
  };
  return pino(
    {
      level: LOG_LEVEL,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      // `told` has already reduced it.
      serializers: { err: (error: unknown) => error },
      mixin: () => doingNow() ?? {},
    },
    stream,
  );
}

/** Escapes characters that JSON leaves as they are, and that a terminal may obey or use to reorder the line. */
const unspoofed = (line: string): string =>
  line.replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Type, message, code, digest, stack and causes only. Other properties may hold input: parameters, addresses, whole rows. */
function told(error: unknown, causes = MOST_CAUSES): About {
  if (!(error instanceof Error)) return { message: format(error).slice(0, MOST_CHARACTERS) };
  const { code, digest } = error as { code?: unknown; digest?: unknown };
  return {
    type: error.name,
    message: error.message.slice(0, MOST_CHARACTERS),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof digest === 'string' ? { digest } : {}),
    stack: error.stack && readableStack(error.stack).slice(0, MOST_CHARACTERS),
    ...(error.cause !== undefined && causes > 0 ? { cause: told(error.cause, causes - 1) } : {}),
  };
}

/** Redirects console output, mainly the framework's, to the log. */
export function takeConsole(): void {
  const words = (given: unknown[]) => format(...given.filter((word) => !(word instanceof Error))).trim();
  const errorOf = (given: unknown[]) => given.find((word) => word instanceof Error);
  for (const name of ['debug', 'info', 'warn'] as const) console[name] = (...given) => log[name](words(given));
  console.log = console.info;
  console.error = (...given) => log.error(words(given) || 'Something failed', errorOf(given));
}
