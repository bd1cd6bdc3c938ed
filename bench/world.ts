import { readFile, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@/db/embedded';
import { migrate } from '@/db/migrate';
import { supplySecrets } from '@/scripts/own-parts';
import { seedLoad } from './seed';

/**
 * The environment of the measurements: a Postgres of its own with tenants of several sizes besides many small ones, kept in a
 * folder between runs, and a mail server that accepts everything and stores nothing. `env` is the product's configuration.
 */
export type Scale = { name: string; sizes: number[]; tenants: number; of: number; entries: number };
export const WHOLE: Scale = {
  name: 'whole',
  sizes: [1_000, 100_000, 1_000_000],
  tenants: 1_000,
  of: 1_000,
  entries: 1_000_000,
};
export const QUICK: Scale = { name: 'quick', sizes: [1_000, 100_000], tenants: 20, of: 1_000, entries: 100_000 };

export type World = {
  scale: Scale;
  dir: string;
  env: Record<string, string> & { DATABASE_URL: string };
  close(): Promise<void>;
};

const GIB = 2 ** 30;
// A sixth of the machine's memory, from 1 to 4 GB. 4 GB hold the tables and indexes of two million people.
const sharedBuffers = () => `${Math.max(1, Math.min(4, Math.floor(totalmem() / 6 / GIB)))}GB`;

export async function openWorld(scale: Scale): Promise<World> {
  const dir = join('.data-bench', scale.name);
  const settings = { shared_buffers: sharedBuffers(), max_wal_size: '8GB', checkpoint_timeout: '30min' };
  const database = await startEmbeddedPostgres({ dataDir: join(dir, 'postgres'), settings });
  const mail = await mailServer();
  const close = async () => {
    await Promise.all([mail.close(), database.stop()]);
  };
  try {
    await migrate(database.url);
    await seedOnce(scale, dir, database);
    const secrets = await supplySecrets({ DATA_DIR: dir } as Parameters<typeof supplySecrets>[0]);
    return { scale, dir, close, env: { ...secrets, DATA_DIR: dir, DATABASE_URL: database.url, SMTP_URL: mail.url } };
  } catch (error) {
    await close();
    throw error;
  }
}

async function seedOnce(scale: Scale, dir: string, database: EmbeddedPostgres): Promise<void> {
  const file = join(dir, 'seeded');
  const wanted = JSON.stringify(scale);
  const there = await readFile(file, 'utf8').catch(() => null);
  if (there === wanted) return;
  if (there !== null) throw new Error(`${dir} holds other people. Delete that folder to have it seeded anew.`);
  console.log(`Seeding ${dir} …`);
  await seedLoad(database.url, scale);
  await writeFile(file, wanted);
}

async function mailServer(): Promise<{ url: string; close(): Promise<void> }> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _, callback) => {
      stream.resume();
      stream.on('end', () => callback());
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { url: `smtp://127.0.0.1:${port}`, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
