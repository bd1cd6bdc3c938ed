import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@/db/embedded';
import { EnvError, type LaunchEnv } from '@/lib/env';

/**
 * Secrets and a database of the product's own, for what the operator has not given. Both are kept in the data folder. The
 * server, the shell and the tests share them.
 */
export async function supplySecrets(given: LaunchEnv): Promise<{ AUTH_SECRET: string; SEALING_KEY: string }> {
  if (given.AUTH_SECRET && given.SEALING_KEY) return { AUTH_SECRET: given.AUTH_SECRET, SEALING_KEY: given.SEALING_KEY };
  const file = join(given.DATA_DIR, 'secrets.json');
  const data = join(given.DATA_DIR, 'postgres');
  if (!given.DATABASE_URL && existsSync(data) && !existsSync(file))
    throw new EnvError(
      `${file} is missing, and ${data} is there: what is sealed in that database opens with no other key. Put the file back from your copy, or set AUTH_SECRET and SEALING_KEY.`,
    );
  await mkdir(given.DATA_DIR, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new EnvError(`DATA_DIR cannot be made: ${error.message}.`);
  });
  const fresh = { AUTH_SECRET: randomBytes(32).toString('base64url'), SEALING_KEY: randomBytes(32).toString('base64') };
  // Made once and completely: written to a draft, then linked into place. Two concurrent starts both read the first's file.
  const draft = `${file}-${process.pid}`;
  await writeFile(draft, JSON.stringify(fresh), { mode: 0o600 });
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  const kept = readSecrets(file, await readFile(file, 'utf8'));
  return { AUTH_SECRET: given.AUTH_SECRET ?? kept.AUTH_SECRET, SEALING_KEY: given.SEALING_KEY ?? kept.SEALING_KEY };
}

function readSecrets(file: string, text: string): { AUTH_SECRET: string; SEALING_KEY: string } {
  try {
    return secrets.parse(JSON.parse(text));
  } catch {
    throw new EnvError(`${file} is damaged: it has no AUTH_SECRET and SEALING_KEY. Put it back from your copy.`);
  }
}
const secrets = z.object({ AUTH_SECRET: z.string(), SEALING_KEY: z.string() });

/** `start` starts an embedded server; the product passes one that also keeps it running. */
export async function supplyDatabase(given: LaunchEnv, start = startEmbeddedPostgres): Promise<EmbeddedPostgres> {
  if (given.DATABASE_URL)
    return { url: given.DATABASE_URL, reused: true, ended: new Promise(() => {}), stop: async () => {} };
  return start({ dataDir: join(given.DATA_DIR, 'postgres') });
}
