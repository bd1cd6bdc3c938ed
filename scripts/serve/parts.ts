import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import postgres from 'postgres';
import type { LaunchEnv } from '@/lib/env';
import { keepDatabase } from '../keep-database';
import { type Mailbox, startMailbox } from '../mailbox/mailbox';
import { supplyDatabase, supplySecrets } from '../own-parts';
import { Refusal } from './refusal';

/** What stands before the app and outlives it: the build, and database and mailbox where none were given. */
let building: ChildProcess | undefined;
let database: Awaited<ReturnType<typeof supplyDatabase>> | undefined;
let mailbox: Mailbox | undefined;

export async function build(): Promise<void> {
  building = spawn(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
  const [code] = await once(building, 'exit');
  building = undefined;
  if (code !== 0) throw new Refusal('The build failed, so nothing was started.');
}

export const stopBuild = (): void => void building?.kill('SIGTERM');

/** Resolves to the variables that the app runs with. */
export async function startParts(given: LaunchEnv): Promise<Record<string, string>> {
  const secrets = await supplySecrets(given);
  database = await supplyDatabase(given, keepDatabase).catch(({ message }: Error) => {
    throw new Refusal(message);
  });
  if (given.DATABASE_URL) await reach(given.DATABASE_URL);
  if (!given.SMTP_URL)
    mailbox = await startMailbox({ dir: join(given.DATA_DIR, 'mailbox'), smtpPort: 1025, webPort: 8025 });
  return {
    ...secrets,
    NEXT_TELEMETRY_DISABLED: '1',
    PORT: String(given.PORT),
    APP_URL: given.APP_URL,
    DATABASE_URL: database.url,
    SMTP_URL: given.SMTP_URL ?? mailbox?.smtpUrl ?? '',
    NEXTAUTH_URL: given.APP_URL,
    NEXTAUTH_SECRET: secrets.AUTH_SECRET,
    // The same in every process and on every host, whoever built it.
    NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: createHmac('sha256', secrets.AUTH_SECRET).update('actions').digest('base64'),
  };
}

export const mailboxUrl = (): string | undefined => mailbox?.webUrl;

/** Said here in a sentence; from inside the app it would come as five stack traces. */
async function reach(databaseUrl: string): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, connect_timeout: 10 });
  await sql`select 1`.catch(({ message, code }: NodeJS.ErrnoException) => {
    throw new Refusal(`The database of DATABASE_URL cannot be used: ${message || code}.`);
  });
  await sql.end();
}

export const stopMailbox = async (): Promise<void> => mailbox?.stop();
export const stopDatabase = async (): Promise<void> => database?.stop();
