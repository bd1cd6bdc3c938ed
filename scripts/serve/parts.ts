import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import postgres from 'postgres';
import { unopenable, WRONG_KEY } from '@/db/key-proof';
import type { LaunchEnv } from '@/lib/env';
import { type Mailbox, startMailbox } from '../mailbox/mailbox';
import { supplyDatabase, supplySecrets } from '../own-parts';
import { keepDatabase } from './keep-database';
import { Refusal } from './refusal';

/** What starts before the app and outlives it: the build, and database and mailbox where none were given. */
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

/** Resolves to the app's environment variables. */
export async function startParts(given: LaunchEnv): Promise<Record<string, string>> {
  const secrets = await supplySecrets(given);
  database = await supplyDatabase(given, keepDatabase).catch(({ message }: Error) => {
    throw new Refusal(message);
  });
  const sealingKeys = [secrets.SEALING_KEY, ...given.SEALING_KEY_PREVIOUS];
  await reach('DATABASE_URL', database.url, sealingKeys);
  if (given.DATABASE_DIRECT_URL) await reach('DATABASE_DIRECT_URL', given.DATABASE_DIRECT_URL, sealingKeys);
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
    // The same in every process and on every host, whichever host built it.
    NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: createHmac('sha256', secrets.AUTH_SECRET).update('actions').digest('base64'),
  };
}

export const mailboxUrl = (): string | undefined => mailbox?.webUrl;

/** Checked here to give one clear message; inside the app the failure would be five stack traces. */
async function reach(variable: string, databaseUrl: string, sealingKeys: string[]): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, connect_timeout: 10, onnotice: () => {} });
  try {
    const lost = await unopenable(sql, sealingKeys).catch(({ message, code }: NodeJS.ErrnoException) => {
      throw new Refusal(`The database of ${variable} cannot be used: ${message || code}.`);
    });
    if (lost.length > 0) throw new Refusal(WRONG_KEY);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

export const stopMailbox = async (): Promise<void> => mailbox?.stop();
export const stopDatabase = async (): Promise<void> => database?.stop();
