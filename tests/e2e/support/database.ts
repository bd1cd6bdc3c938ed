import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';

/** For what no page can bring about yet, such as an identity provider's hold on a profile. */
export async function sqlOfProduct(): Promise<postgres.Sql> {
  if (process.env.DATABASE_URL) return postgres(process.env.DATABASE_URL, { max: 1, prepare: false });
  const server = join(String(process.env.E2E_DATA_DIR), 'postgres', 'server');
  const port = (await readFile(join(server, 'data', 'postmaster.pid'), 'utf8')).split('\n')[3];
  const password = await readFile(join(server, 'password'), 'utf8');
  return postgres(`postgres://rollcall:${password}@127.0.0.1:${port}/postgres`, { max: 1 });
}
