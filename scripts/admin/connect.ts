import { existsSync } from 'node:fs';
import { disconnect } from '@/db/client';
import { migrate } from '@/db/migrate';
import { parseLaunchEnv } from '@/lib/env';
import { supplyDatabase, supplySecrets } from '../own-parts';

/** The same database and secrets as the product's, running or not. Returns what ends the connection. */
export async function connect(): Promise<() => Promise<void>> {
  for (const file of ['.env.local', '.env']) if (existsSync(file)) process.loadEnvFile(file);
  const given = parseLaunchEnv(process.env);
  const secrets = await supplySecrets(given);
  const database = await supplyDatabase(given);
  // Mails are only written to the outbox here; the product delivers them.
  const smtpUrl = given.SMTP_URL ?? 'smtp://127.0.0.1:1025';
  Object.assign(process.env, secrets, { DATABASE_URL: database.url, SMTP_URL: smtpUrl });
  await migrate(database.url);
  return async () => {
    await disconnect();
    await database.stop();
  };
}
