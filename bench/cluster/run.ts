import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { startMailbox } from '@/scripts/mailbox/mailbox';
import { checkOut, hostOf } from './hosts';
import { ensurePackages } from './packages';
import {
  type Part,
  pointPgBouncer,
  promote,
  startNginx,
  startPgBouncer,
  startPrimary,
  startReplica,
  urlOf,
} from './parts';
import { watch } from './watch';

/**
 * `npm run bench:cluster [-- STORIES…] [--dir DIR]`: runs the stories of tests/e2e against a cluster like one on several
 * machines, here on loopback: nginx, two hosts that each build the product, PgBouncer in transaction mode, a primary and its
 * streaming replica. One host is killed during the run and restarted; at the end the primary is killed and the replica
 * promoted. Then everything is shut down. `--dir` keeps the checkouts and logs there, so that the next run need not build.
 */
const [NGINX, FIRST, SECOND, BOUNCER, PRIMARY, REPLICA, MAIL, MAIL_PAGES] = [
  3520, 3521, 3522, 3530, 3531, 3532, 3540, 3541,
];
/** Chosen so that stories are still running. */
const KILL_AFTER_MS = 40_000;
const DOWN_MS = 10_000;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { dir: { type: 'string' } } });
const dir = resolve(values.dir ?? mkdtempSync(join(tmpdir(), 'rollcall-cluster-')));
mkdirSync(dir, { recursive: true });
chmodSync(dir, 0o755);
const origin = `http://localhost:${NGINX}`;
const data = join(dir, 'data');
const env = {
  APP_URL: origin,
  DATABASE_URL: urlOf(BOUNCER),
  DATABASE_DIRECT_URL: urlOf(PRIMARY),
  DATABASE_REPLICA_URL: urlOf(REPLICA),
  SMTP_URL: `smtp://127.0.0.1:${MAIL}`,
  AUTH_SECRET: 'the same on both hosts of the cluster',
  SEALING_KEY: Buffer.alloc(32, 5).toString('base64'),
  TRUSTED_PROXIES: '1',
  METRICS_TOKEN: 'of-the-cluster-which-nobody-else-can-ask',
};
/** Stories about a single machine, or about responses of our own server that nginx gives here instead. */
const OF_ONE_MACHINE = [
  'two workers',
  'an operator reads',
  'ready tells strangers',
  'a request by another method',
  'a body that is too long',
  'slow clients are let go',
  'no answer of any kind',
].join('|');
const took: [what: string, stop: () => Promise<void>][] = [];
const say = (line: string) => console.log(`  ${line}`);

async function main(): Promise<number> {
  const programs = ensurePackages();
  for (const part of ['data', 'primary', 'replica', 'secret', 'pgbouncer', 'nginx'])
    rmSync(join(dir, part), { recursive: true, force: true });

  const mailbox = await startMailbox({ dir: join(data, 'mailbox'), smtpPort: MAIL, webPort: MAIL_PAGES });
  took.push(['mailbox', mailbox.stop]);
  const keep = <T extends { name: string; stop(): Promise<void> }>(part: T): T => {
    took.push([part.name, () => part.stop()]);
    return part;
  };
  const primary = keep(await startPrimary(dir, programs, PRIMARY));
  keep(await startReplica(dir, programs, REPLICA, PRIMARY));
  const bouncer = keep(await startPgBouncer(dir, BOUNCER, PRIMARY));
  const first = hostOf(dir, 'host-a', checkOut(dir, 'host-a'), FIRST, { ...env, DATA_DIR: data });
  const second = hostOf(dir, 'host-b', checkOut(dir, 'host-b'), SECOND, { ...env, DATA_DIR: join(dir, 'data-b') });
  keep(first);
  keep(second);
  // Both start at once on an empty database: one migrates, the other waits for it.
  await Promise.all([first.start(), second.start()]);
  keep(await startNginx(dir, NGINX, [FIRST, SECOND]));
  say(`nginx ${NGINX} → hosts ${FIRST}, ${SECOND} → PgBouncer ${BOUNCER} → primary ${PRIMARY} → replica ${REPLICA}`);

  const somebody = watch(origin);
  const stories = runStories();
  let went = false;
  void stories.then(() => {
    went = true;
  });
  await Promise.race([sleep(KILL_AFTER_MS), stories]);
  if (!went) {
    await second.kill();
    say('host-b was killed (SIGKILL)');
    await sleep(DOWN_MS);
    await second.start();
    say('host-b is back');
  }
  const code = await stories;
  say(`somebody who asked for the sign-in page all the while: ${await somebody.stop()}`);
  await tellDatabase();
  await failOver(programs, primary, bouncer);
  return code;
}

/** A story whose form was in flight to the killed host is retried, and then counts as flaky. */
async function runStories(): Promise<number> {
  const child = spawn(
    process.execPath,
    ['node_modules/@playwright/test/cli.js', 'test', '--retries=1', '--grep-invert', OF_ONE_MACHINE, ...positionals],
    {
      stdio: 'inherit',
      env: { ...process.env, ...env, E2E_ORIGIN: origin, E2E_DATA_DIR: data, E2E_METRICS_TOKEN: env.METRICS_TOKEN },
    },
  );
  took.push(['stories', async () => void child.kill('SIGTERM')]);
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

/** Reports whether the replica was read, and how many connections the two hosts hold to the primary and the replica. */
async function tellDatabase(): Promise<void> {
  const ask = async (port: number) => {
    const sql = postgres(urlOf(port, 'postgres'), { max: 1 });
    const [row] = await sql`
      select (select count(*)::int from pg_stat_activity where usename = 'rollcall') as connections,
        (select (sum(idx_scan) + sum(seq_scan))::int from pg_stat_user_tables where relname in ('users', 'audit_entries')) as scans`;
    await sql.end();
    return row;
  };
  const [primary, replica] = [await ask(PRIMARY), await ask(REPLICA)];
  say(`connections to the primary: ${primary?.connections}, to the replica: ${replica?.connections}`);
  say(`scans of people and audit entries: ${primary?.scans} on the primary, ${replica?.scans} on the replica`);
}

/** Neither host is reconfigured: their database URL is PgBouncer, which is pointed at the promoted replica. */
async function failOver(programs: string, primary: Part, bouncer: Part): Promise<void> {
  const entries = async (port: number) => {
    const sql = postgres(urlOf(port, 'postgres'), { max: 1 });
    const [row] = await sql`select count(*)::int as n from audit_entries`;
    await sql.end();
    return row?.n;
  };
  const ready = async () =>
    (await fetch(`${origin}/api/health/ready`, { signal: AbortSignal.timeout(20_000) }).catch(() => null))?.status;
  const before = await entries(PRIMARY);
  await primary.stop('SIGKILL');
  const began = Date.now();
  say(`the primary was killed; ready answers ${await ready()}`);
  promote(dir, programs);
  pointPgBouncer(dir, BOUNCER, REPLICA);
  bouncer.process.kill('SIGHUP');
  while ((await ready()) !== 200) {
    if (Date.now() - began > 60_000) throw new Error('No host came back in a minute.');
    await sleep(100);
  }
  say(`the replica was promoted; ready answers 200 after ${((Date.now() - began) / 1000).toFixed(1)} s`);
  say(`audit entries: ${before} before, ${await entries(REPLICA)} after`);
}

let ending: Promise<void> | undefined;
function takeDown(): Promise<void> {
  ending ??= (async () => {
    for (const [what, stop] of took.reverse()) await stop().catch((error: unknown) => console.error(what, error));
    if (!values.dir) rmSync(dir, { recursive: true, force: true });
  })();
  return ending;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => void takeDown().then(() => process.exit(1)));
process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
await takeDown();
