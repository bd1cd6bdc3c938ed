import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { disconnect } from '@/db/client';
import { readLastingKeys } from '@/db/lasting-key';
import { migrate } from '@/db/migrate';
import { apart } from '@/db/tenant-wall';
import { issueSetupLink } from '@/lib/auth/setup';
import { directUrl, EnvError, env } from '@/lib/env';
import { tidyUp } from '@/lib/housekeeping';
import { startWork } from '@/lib/jobs/work';
import { startDelivery } from '@/lib/mail/deliver';
import { during } from '@/lib/observe/doing';
import { log } from '@/lib/observe/log';
import { metrics, watchProcess } from '@/lib/observe/metrics';
import { startTracing } from '@/lib/observe/trace';
import { ensureKeyPair } from '@/lib/saml/keys';

const HOUR_MS = 3_600_000;

declare global {
  /** Called by the server at shutdown, after the last request. */
  var rollcallStop: (() => Promise<void>) | undefined;
  /** Set if another process of this start has booted before, so the one-time steps are done. */
  var rollcallFollows: boolean | undefined;
  /** Set during shutdown: readiness fails, so that new requests are sent elsewhere. */
  var rollcallStopping: boolean | undefined;
}

const logged = (what: string, work: string) => (error: unknown) => {
  metrics.workFailures.inc({ work });
  log.error(`${what} failed`, error);
};

/** Background work must not inherit the tenant of the request that happened to start it. */
export const boot = (): Promise<void> => apart(begin);

async function begin(): Promise<void> {
  if (globalThis.rollcallStop) return;
  try {
    env();
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
  watchProcess();
  const endTracing = await startTracing();
  if (!globalThis.rollcallFollows) {
    await migrate(directUrl());
    await ensureKeyPair();
    await announceSetup();
  }
  await readLastingKeys();
  const delivery = during({ work: 'mail' }, () => startDelivery(logged('Mail delivery', 'mail')));
  const jobs = during({ work: 'jobs' }, () => startWork(logged('Jobs', 'jobs')));
  // Also at startup: a process that lives less than an hour would never reach the timer.
  const housekeep = () =>
    during({ work: 'housekeeping' }, () => tidyUp().catch(logged('Housekeeping', 'housekeeping')));
  let tidying = housekeep();
  const hourly = setInterval(() => {
    tidying = housekeep();
  }, HOUR_MS);
  hourly.unref();
  globalThis.rollcallStop = async () => {
    clearInterval(hourly);
    await Promise.all([delivery.stop(), jobs.stop()]);
    await tidying;
    await disconnect();
    await endTracing();
  };
}

async function announceSetup(): Promise<void> {
  const link = await issueSetupLink();
  if (!link) return;
  // Printed to the operator instead of logged, because logs are kept.
  process.stdout.write(`\n  Nobody is here yet. Make the first organisation and its admin:\n\n    ${link}\n\n`);
  await writeFile(join(env().DATA_DIR, 'setup-link'), `${link}\n`, { mode: 0o600 }).catch(() => {});
}
