import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { disconnect } from '@/db/client';
import { migrate } from '@/db/migrate';
import { issueSetupLink } from '@/lib/auth/setup';
import { EnvError, env } from '@/lib/env';
import { tidy } from '@/lib/housekeeping';
import { startWork } from '@/lib/jobs/work';
import { startDelivery } from '@/lib/mail/deliver';
import { ensureKeyPair } from '@/lib/saml/keys';

const HOUR_MS = 3_600_000;

declare global {
  /** Called by the server at shutdown, after the last request. */
  var rollcallStop: (() => Promise<void>) | undefined;
  /** Another process of this start has booted before: what a start does once is done. */
  var rollcallFollows: boolean | undefined;
}

const logged = (what: string) => (error: unknown) =>
  console.error(`${what}:`, error instanceof Error ? error.message : error);

export async function boot(): Promise<void> {
  if (globalThis.rollcallStop) return;
  try {
    env();
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
  if (!globalThis.rollcallFollows) {
    await migrate(env().DATABASE_URL);
    await ensureKeyPair();
    await announceSetup();
  }
  const delivery = startDelivery(logged('Mail delivery'));
  const jobs = startWork(logged('Jobs'));
  // At the start too: a process that lives less than an hour would never come to it.
  let tidying = tidy().catch(logged('Housekeeping'));
  const hourly = setInterval(() => {
    tidying = tidy().catch(logged('Housekeeping'));
  }, HOUR_MS);
  hourly.unref();
  globalThis.rollcallStop = async () => {
    clearInterval(hourly);
    await Promise.all([delivery.stop(), jobs.stop()]);
    await tidying;
    await disconnect();
  };
}

async function announceSetup(): Promise<void> {
  const link = await issueSetupLink();
  if (!link) return;
  console.log(`\n  Nobody is here yet. Make the first organisation and its admin:\n\n    ${link}\n`);
  await writeFile(join(env().DATA_DIR, 'setup-link'), `${link}\n`, { mode: 0o600 }).catch(() => {});
}
