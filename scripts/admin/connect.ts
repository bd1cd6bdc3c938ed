import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';
import { disconnect } from '@/db/client';
import type { EmbeddedPostgres } from '@/db/embedded';
import { unopenable, WRONG_KEY } from '@/db/key-proof';
import { migrate } from '@/db/migrate';
import { type LaunchEnv, parseLaunchEnv } from '@/lib/env';
import { supplyDatabase, supplySecrets } from '../own-parts';
import { Refused } from './command';

/**
 * Connects to the product's database with its secrets, whether it runs or not. An embedded server that was not running is
 * started, and stopped when the command ends or is interrupted, unless another process uses it by then: each command holds a
 * connection and a shared lock throughout. The command that stops the server holds the lock exclusively until it is down: one
 * that starts in between waits for the lock, loses its connection, and starts the server again.
 * Anything sealed with a key that is not the database's would be lost. `anyKey` is for commands that repair just that.
 */
export async function connect({ anyKey = false } = {}): Promise<() => Promise<void>> {
  for (const file of ['.env.local', '.env']) if (existsSync(file)) process.loadEnvFile(file);
  const given = parseLaunchEnv(process.env);
  const secrets = await supplySecrets(given);
  const { database, held } = await reach(given);
  // Mails are only written to the outbox here; the product sends them.
  const smtpUrl = given.SMTP_URL ?? 'smtp://127.0.0.1:1025';
  Object.assign(process.env, secrets, { DATABASE_URL: database.url, SMTP_URL: smtpUrl });

  const release = async () => {
    await disconnect();
    const isOurs = !given.DATABASE_URL && !database.reused;
    if (isOurs && (await isOursAlone(held))) await database.stop();
    await letGo(held);
  };
  // An interrupted command is also released.
  let released: Promise<void> | undefined;
  const end = () => {
    released ??= release();
    return released;
  };
  process.once('SIGINT', () => void end().finally(() => process.exit(130)));
  process.once('SIGTERM', () => void end().finally(() => process.exit(143)));
  try {
    const sealingKeys = [secrets.SEALING_KEY, ...given.SEALING_KEY_PREVIOUS];
    if (!anyKey && (await unopenable(held, sealingKeys)).length > 0) throw new Refused(WRONG_KEY);
    await migrate(given.DATABASE_DIRECT_URL ?? database.url).catch((error: NodeJS.ErrnoException) => {
      if (!given.DATABASE_DIRECT_URL || !error.code) throw error;
      throw new Refused(`The database of DATABASE_DIRECT_URL cannot be used: ${error.message || error.code}.`);
    });
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}

const TRIES = 5;
/** Number of the advisory lock: shared by running commands, exclusive for the one that stops the server. */
export const IN_USE = 7_240_115;

async function reach(given: LaunchEnv): Promise<{ database: EmbeddedPostgres; held: Sql }> {
  for (let tries = 1; ; tries++) {
    const database = await supplyDatabase(given);
    const held = postgres(database.url, { max: 1, onnotice: () => {} });
    try {
      if (!given.DATABASE_URL) await held`select pg_advisory_lock_shared(${IN_USE})`;
      else await held`select 1`;
      return { database, held };
    } catch (error) {
      await letGo(held);
      await database.stop();
      // The command that started the embedded server may have stopped it just before we connected.
      if (!given.DATABASE_URL && tries < TRIES) continue;
      throw new Refused(`The database cannot be used: ${error instanceof Error ? error.message : error}.`);
    }
  }
}

/** Does not wait: ending a connection that the server has closed never finishes, and Node would exit in the middle. */
const letGo = (held: Sql) => held.end({ timeout: 0 });

/**
 * True if we hold the lock exclusively: nobody else is connected, and no new command gets in. Retries, because our own
 * connections take a moment to close, and other short commands end soon.
 */
async function isOursAlone(held: Sql): Promise<boolean> {
  await held`select pg_advisory_unlock_shared(${IN_USE})`;
  for (let tries = 0; tries < 50; tries++) {
    const [lock] = await held`select pg_try_advisory_lock(${IN_USE}) as alone`;
    const others = await held`
      select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`;
    if (lock?.alone && others.length === 0) return true;
    if (lock?.alone) await held`select pg_advisory_unlock(${IN_USE})`;
    await sleep(100);
  }
  return false;
}
