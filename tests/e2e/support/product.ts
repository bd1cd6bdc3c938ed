import { parseLaunchEnv } from '@/lib/env';
import { supplyDatabase, supplySecrets } from '@/scripts/own-parts';

let once: Promise<void> | undefined;

/** The commands that a story begins with are called here, on the data of the product that is running. */
export function connected(): Promise<void> {
  once ??= (async () => {
    Object.assign(process.env, { DATA_DIR: process.env.E2E_DATA_DIR, APP_URL: process.env.E2E_ORIGIN });
    const given = parseLaunchEnv(process.env);
    const [secrets, database] = await Promise.all([supplySecrets(given), supplyDatabase(given)]);
    Object.assign(process.env, secrets, { DATABASE_URL: database.url, SMTP_URL: 'smtp://127.0.0.1:1' });
  })();
  return once;
}
