import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@/db/embedded';
import { migrate } from '@/db/migrate';
import { measure, table } from './measure';
import { bigTenant, seedLoad } from './seed';
import { startProduct } from './servers';
import { signInAdmin } from './sign-in';

/**
 * `node --import tsx bench/workers.ts`: the Users page served by one worker and by two, on one database of 1,000 people. On a
 * two-core machine the workers share the cores with the load and the database, so it shows a worker's cost, not its capacity.
 */
const PORTS = { one: 3551, two: 3552 };
const LOAD = { concurrency: 16, rounds: 4, requests: 200 };

const dir = mkdtempSync(join(tmpdir(), 'rollcall-workers-'));
const database = await startEmbeddedPostgres({ dataDir: join(dir, 'data') });
const env = {
  DATABASE_URL: database.url,
  AUTH_SECRET: 'a secret of the measuring, long enough',
  SEALING_KEY: Buffer.alloc(32, 3).toString('base64'),
  SMTP_URL: 'smtp://127.0.0.1:1',
};
Object.assign(process.env, env);
try {
  await migrate(database.url);
  await seedLoad(database.url, { sizes: [1000], tenants: 0, of: 0, entries: 1000 });
  const { cookie } = await signInAdmin(bigTenant(1000));
  const one = await startProduct(PORTS.one, { ...env, WEB_CONCURRENCY: '1' });
  const two = await startProduct(PORTS.two, { ...env, WEB_CONCURRENCY: '2' });
  const subject = (name: string, { origin, probes }: typeof one) => ({
    name,
    url: `${origin}/administration/access/users`,
    headers: { cookie, host: new URL(origin).host.replace('127.0.0.1', 'localhost') },
    probes,
  });
  console.log(table(await measure([subject('one worker', one), subject('two workers', two)], LOAD)));
  await Promise.all([one.stop(), two.stop()]);
} finally {
  const { disconnect } = await import('@/db/client');
  await disconnect();
  await database.stop();
  rmSync(dir, { recursive: true, force: true });
}
