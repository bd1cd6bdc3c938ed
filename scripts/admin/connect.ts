import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';
import { disconnect } from '@/db/client';
import type { EmbeddedPostgres } from '@/db/embedded';
import { migrate } from '@/db/migrate';
import { type LaunchEnv, parseLaunchEnv } from '@/lib/env';
import { supplyDatabase, supplySecrets } from '../own-parts';
import { Refused } from './command';

/**
 * The same database and secrets as the product's, running or not. An embedded server that was not running is started, and
 * stopped when the command ends or is interrupted, unless somebody else has begun to use it: each command holds a
 * connection from beginning to end, by which others see that it is there.
 */
export async function connect(): Promise<() => Promise<void>> {
  for (const file of ['.env.local', '.env']) if (existsSync(file)) process.loadEnvFile(file);
  const given = parseLaunchEnv(process.env);
  const secrets = await supplySecrets(given);
  const { database, held } = await reach(given);
  // Mails are only written to the outbox here; the product delivers them.
  const smtpUrl = given.SMTP_URL ?? 'smtp://127.0.0.1:1025';
  Object.assign(process.env, secrets, { DATABASE_URL: database.url, SMTP_URL: smtpUrl });

  const release = async () => {
    await disconnect();
    const isOurs = !given.DATABASE_URL && !database.reused;
    const leave = !isOurs || (await isInUse(held));
    await held.end();
    if (!leave) await database.stop();
  };
  // An interrupted command also comes to its own end.
  let released: Promise<void> | undefined;
  const end = () => {
    released ??= release();
    return released;
  };
  process.once('SIGINT', () => void end().finally(() => process.exit(130)));
  process.once('SIGTERM', () => void end().finally(() => process.exit(143)));
  try {
    await migrate(database.url);
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}

const TRIES = 5;

async function reach(given: LaunchEnv): Promise<{ database: EmbeddedPostgres; held: Sql }> {
  for (let tries = 1; ; tries++) {
    const database = await supplyDatabase(given);
    const held = postgres(database.url, { max: 1, onnotice: () => {} });
    try {
      await held`select 1`;
      return { database, held };
    } catch (error) {
      await held.end();
      await database.stop();
      // The command that had started the embedded server may have stopped it just before we came in.
      if (!given.DATABASE_URL && tries < TRIES) continue;
      throw new Refused(`The database cannot be used: ${error instanceof Error ? error.message : error}.`);
    }
  }
}

/** By anybody but us. Our own connections take a moment to be gone, and other short commands end soon. */
async function isInUse(held: Sql): Promise<boolean> {
  for (let tries = 0; tries < 50; tries++) {
    const others = await held`
      select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`;
    if (others.length === 0) return false;
    await sleep(100);
  }
  return true;
}
