import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { disconnect } from '@/db/client';
import { migrate } from '@/db/migrate';
import { parseLaunchEnv } from '@/lib/env';
import { supplyDatabase, supplySecrets } from '../own-parts';
import { Refused } from './command';

/**
 * The same database and secrets as the product's, running or not. An embedded server that was not running is started, and
 * stopped when the command ends or is interrupted, unless somebody else has begun to use it.
 */
export async function connect(): Promise<() => Promise<void>> {
  for (const file of ['.env.local', '.env']) if (existsSync(file)) process.loadEnvFile(file);
  const given = parseLaunchEnv(process.env);
  const secrets = await supplySecrets(given);
  const database = await supplyDatabase(given);
  // Mails are only written to the outbox here; the product delivers them.
  const smtpUrl = given.SMTP_URL ?? 'smtp://127.0.0.1:1025';
  Object.assign(process.env, secrets, { DATABASE_URL: database.url, SMTP_URL: smtpUrl });

  const end = async () => {
    await disconnect();
    if (!given.DATABASE_URL && !(await isInUse(database.url))) await database.stop();
  };
  process.once('SIGINT', () => void end().finally(() => process.exit(130)));
  process.once('SIGTERM', () => void end().finally(() => process.exit(143)));
  try {
    await migrate(database.url);
  } catch (error) {
    await end().catch(() => {});
    if (error instanceof Error && 'code' in error) throw new Refused(`The database cannot be used: ${error.message}.`);
    throw error;
  }
  return end;
}

/** By anybody but us; our own connections may take a moment to be gone. */
async function isInUse(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1 });
  try {
    for (let tries = 0; tries < 10; tries++) {
      const others =
        await sql`select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`;
      if (others.length === 0) return false;
      await sleep(100);
    }
    return true;
  } finally {
    await sql.end();
  }
}
