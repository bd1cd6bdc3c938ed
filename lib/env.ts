import { z } from 'zod';

/**
 * The one place that reads configuration. Every variable of `.env.example` is parsed here; a wrong one stops the start
 * with a sentence that names it. Parsed on first use, so that `next build` needs no configuration.
 */

const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be a whole number from ${min} to ${max}`);

const url = (schemes: string[]) =>
  z
    .string()
    .refine(
      (value) => schemes.some((scheme) => value.startsWith(`${scheme}://`)) && URL.canParse(value),
      `must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    );

/** The previous values of a secret, separated by commas. What was signed or sealed with them stays valid. */
const previous = (one: z.ZodType<string, string>) =>
  z
    .string()
    .transform((value) => value.split(',').map((each) => each.trim()))
    .pipe(z.array(one))
    .default([]);

const authSecret = z.string().min(32, 'must have at least 32 characters');
const sealingKey = z
  .string()
  .refine((value) => Buffer.from(value, 'base64').length === 32, 'must be 32 random bytes in base64');

const shape = {
  PORT: whole(1, 65535).default(3000),
  HOST: z.string().min(1, 'must name an interface to listen on, such as 127.0.0.1').optional(),
  HEALTH_PORT: whole(1, 65535).optional(),
  WEB_CONCURRENCY: whole(1, 64).default(1),
  MAX_REQUESTS: whole(1, 10_000).default(50),
  APP_URL: url(['http', 'https'])
    // Later checks run even if an earlier one failed, so this one must tolerate values that are not URLs.
    .refine(
      (value) => !URL.canParse(value) || new URL(value).href === `${new URL(value).origin}/`,
      'must be an origin without a path',
    )
    .transform((value) => (URL.canParse(value) ? new URL(value).origin : value))
    .optional(),
  DATA_DIR: z.string().min(1, 'must name a folder').default('.data'),
  DATABASE_URL: url(['postgres', 'postgresql']),
  DATABASE_DIRECT_URL: url(['postgres', 'postgresql']).optional(),
  DATABASE_REPLICA_URL: url(['postgres', 'postgresql']).optional(),
  DATABASE_POOL_SIZE: whole(1, 500).default(10),
  SMTP_URL: url(['smtp', 'smtps']),
  MAIL_FROM: z
    .string()
    .regex(/^[^\r\n@]*@[^\r\n]*$/, 'must be a sender such as "Rollcall <no-reply@example.com>"')
    .default('Rollcall <no-reply@localhost>'),
  AUTH_SECRET: authSecret,
  AUTH_SECRET_PREVIOUS: previous(authSecret),
  SEALING_KEY: sealingKey,
  SEALING_KEY_PREVIOUS: previous(sealingKey),
  TRUSTED_PROXIES: whole(0, 10).default(0),
  DRAIN_SECONDS: whole(0, 120).default(0),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{20,}$/, 'must have at least 20 visible ASCII characters')
    .optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: url(['http', 'https']).optional(),
  LOG_FORMAT: z.enum(['json', 'pretty'], 'must be json or pretty').optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error'], 'must be debug, info, warn or error').default('info'),
};

const schema = z.object(shape);
const launchSchema = schema.partial({ DATABASE_URL: true, SMTP_URL: true, AUTH_SECRET: true, SEALING_KEY: true });

type Parsed<S extends z.ZodType> = Omit<z.output<S>, 'APP_URL'> & { APP_URL: string };
export type Env = Parsed<typeof schema>;
export type LaunchEnv = Parsed<typeof launchSchema>;

/** The message has one sentence per wrong variable and can be shown to the operator as it is. */
export class EnvError extends Error {}

function parse<S extends typeof schema | typeof launchSchema>(of: S, source: NodeJS.ProcessEnv): Parsed<S> {
  // An empty value in an .env file means "not set".
  const given = Object.fromEntries(
    Object.keys(shape).flatMap((name) =>
      source[name] === undefined || source[name] === '' ? [] : [[name, source[name]]],
    ),
  );
  const result = of.safeParse(given);
  if (!result.success) {
    const sentences = result.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return given[name] === undefined ? `${name} is not set.` : `${name} ${issue.message}.`;
    });
    throw new EnvError([...new Set(sentences)].join('\n'));
  }
  return { ...result.data, APP_URL: result.data.APP_URL ?? `http://localhost:${result.data.PORT}` } as Parsed<S>;
}

/**
 * The configuration before the launcher has started the embedded parts: the four values it can supply itself are optional. With
 * an external database the operator must give the secrets too: if they were generated here, each host would have its own and
 * could not read what another has sealed.
 */
export function parseLaunchEnv(source: NodeJS.ProcessEnv): LaunchEnv {
  const given = parse(launchSchema, source);
  const missing = given.DATABASE_URL ? (['AUTH_SECRET', 'SEALING_KEY'] as const).filter((name) => !given[name]) : [];
  if (missing.length > 0) throw new EnvError(missing.map(neededWithDatabase).join('\n'));
  return given;
}

const neededWithDatabase = (name: string) =>
  `${name} is not set. With DATABASE_URL it must be, the same for every process of that database.`;

/** @throws EnvError */
export const parseEnv = (source: NodeJS.ProcessEnv): Env => parse(schema, source);

let parsed: Env | undefined;

/** The URL for migrations: a migration needs one connection and holds a lock on it, which a pooler would not keep together. */
export const directUrl = (): string => env().DATABASE_DIRECT_URL ?? env().DATABASE_URL;

/** The configuration of this process. @throws EnvError at the first call when a variable is wrong. */
export function env(): Env {
  parsed ??= parseEnv(process.env);
  return parsed;
}

const logSchema = schema.pick({ LOG_FORMAT: true, LOG_LEVEL: true });

/** The log's own variables. Logging must work even if the configuration is wrong; if these variables are, defaults apply. */
export function readLogEnv(): z.output<typeof logSchema> {
  const { LOG_FORMAT, LOG_LEVEL } = process.env;
  const given = logSchema.safeParse({ LOG_FORMAT: LOG_FORMAT || undefined, LOG_LEVEL: LOG_LEVEL || undefined });
  return given.success ? given.data : { LOG_LEVEL: 'info' };
}
