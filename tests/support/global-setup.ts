import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '@/db/embedded';
import { migrate } from '@/db/migrate';
import { databaseUrl, TEMPLATE } from './database';

declare module 'vitest' {
  interface ProvidedContext {
    clusterUrl: string;
  }
}

/** One Postgres for the run, migrated once into a template that each worker clones. TEST_DATABASE_URL brings another server. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rollcall-test-'));
  // A temporary folder is closed to others, and the server of a root's run is another user.
  await chmod(dataDir, 0o755);
  const own = process.env.TEST_DATABASE_URL
    ? null
    : await startEmbeddedPostgres({
        dataDir,
        settings: { fsync: 'off', synchronous_commit: 'off', max_connections: '200' },
      });
  const clusterUrl = own?.url ?? String(process.env.TEST_DATABASE_URL);

  const sql = postgres(clusterUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe(`drop database if exists ${TEMPLATE} with (force)`);
  await sql.unsafe(`create database ${TEMPLATE}`);
  await sql.end();
  await migrate(databaseUrl(clusterUrl, TEMPLATE));
  project.provide('clusterUrl', clusterUrl);

  return async () => {
    await own?.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
