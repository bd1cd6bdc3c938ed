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
  /** Another process of this start has booted before: what a start does once is done. */
  var rollcallFollows: boolean | undefined;
  /** It takes no new work, and whoever sends some should send it elsewhere. */
  var rollcallStopping: boolean | undefined;
}

const logged = (what: string, work: string) => (error: unknown) => {
  metrics.workFailures.inc({ work });
  log.error(`${what} failed`, error);
};

/** What works on by itself would otherwise speak for the request beside which it was begun. */
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
  // At the start too: a process that lives less than an hour would never come to it.
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
  // To whoever starts it, in plain words: a line of the log would be kept.
  process.stdout.write(`\n  Nobody is here yet. Make the first organisation and its admin:\n\n    ${link}\n\n`);
  await writeFile(join(env().DATA_DIR, 'setup-link'), `${link}\n`, { mode: 0o600 }).catch(() => {});
}
