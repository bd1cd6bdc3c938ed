import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@/db/embedded';
import type { LaunchEnv } from '@/lib/env';

/**
 * What the product brings itself where the operator has given nothing: secrets and a database, both kept in the data
 * folder. The server, the shell and the tests share them.
 */
export async function supplySecrets(given: LaunchEnv): Promise<{ AUTH_SECRET: string; SEALING_KEY: string }> {
  if (given.AUTH_SECRET && given.SEALING_KEY) return { AUTH_SECRET: given.AUTH_SECRET, SEALING_KEY: given.SEALING_KEY };
  const file = join(given.DATA_DIR, 'secrets.json');
  await mkdir(given.DATA_DIR, { recursive: true });
  const fresh = { AUTH_SECRET: randomBytes(32).toString('base64url'), SEALING_KEY: randomBytes(32).toString('base64') };
  // Only ever made once: of two starts at the same moment, the second reads what the first wrote.
  await writeFile(file, JSON.stringify(fresh), { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const kept: typeof fresh = JSON.parse(await readFile(file, 'utf8'));
  return { AUTH_SECRET: given.AUTH_SECRET ?? kept.AUTH_SECRET, SEALING_KEY: given.SEALING_KEY ?? kept.SEALING_KEY };
}

export async function supplyDatabase(given: LaunchEnv): Promise<{ url: string; stop(): Promise<void> }> {
  if (given.DATABASE_URL) return { url: given.DATABASE_URL, stop: async () => {} };
  return startEmbeddedPostgres({ dataDir: join(given.DATA_DIR, 'postgres') });
}
