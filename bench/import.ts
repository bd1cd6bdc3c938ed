import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbeddedPostgres } from '@/db/embedded';

/**
 * The cost of jobs, on a Postgres of its own that writes to disk: `node --import tsx bench/import.ts [people]`.
 * Runs an import and then a deactivation of a fifth of the people. Meanwhile it measures what others in the tenant wait for: a
 * command on one person, and the tenant's lock as a sign-in takes it. One process, one job at a time.
 */
const PEOPLE = Number(process.argv[2] ?? 10_000);

const share = (values: number[], part: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? Number.NaN;
const told = (values: number[]) =>
  `p50 ${share(values, 0.5).toFixed(1)} ms, p95 ${share(values, 0.95).toFixed(1)} ms, most ${share(values, 1).toFixed(0)} ms of ${values.length}`;

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const began = performance.now();
  const value = await work();
  return { ms: performance.now() - began, value };
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
  await chmod(dataDir, 0o755);
  const server = await startEmbeddedPostgres({ dataDir });
  Object.assign(process.env, {
    DATABASE_URL: server.url,
    AUTH_SECRET: 'a secret of the bench, long enough to be one',
    SEALING_KEY: Buffer.alloc(32, 7).toString('base64'),
    SMTP_URL: 'smtp://127.0.0.1:1',
    APP_URL: 'http://rollcall.test',
  });
  try {
    const { migrate } = await import('@/db/migrate');
    await migrate(server.url);
    await measure();
  } finally {
    const { disconnect } = await import('@/db/client');
    await disconnect();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function measure(): Promise<void> {
  const { cast, actorOf } = await import('@/tests/support/cast');
  const { checkBatch } = await import('@/lib/invitations/check-batch');
  const { parseBatch } = await import('@/lib/invitations/parse-batch');
  const { beginImport, draftImport } = await import('@/lib/jobs/begin-import');
  const { beginBulk } = await import('@/lib/jobs/begin-bulk');
  const { foreseeMatching } = await import('@/lib/jobs/foresee');
  const { work } = await import('@/lib/jobs/work');
  const { editProfile } = await import('@/lib/users/profile');
  const { transaction } = await import('@/db/transaction');
  const { holdTenant } = await import('@/lib/tenants/find');
  const { db } = await import('@/db/client');
  const { users } = await import('@/db/schema/users');
  const { newId } = await import('@/db/id');
  const { eq, sql } = await import('drizzle-orm');

  const { acme } = await cast();
  const [ada, grace] = [await actorOf(acme.ada), await actorOf(acme.grace)];
  let renamed = 0;
  const deed = () =>
    timed(() =>
      editProfile(grace, {
        userId: acme.sam.id,
        firstName: `Sam${renamed++}`,
        lastName: 'Acme',
        email: acme.sam.email,
      }),
    );
  const lock = () => timed(() => transaction((tx) => holdTenant(tx, acme.tenant.id)));

  /** Runs the batches of a job one after the other, and measures what others wait for until it ends. */
  async function carryOut(name: string, jobId: string, n: number): Promise<void> {
    const [batches, deeds, locks] = [[] as number[], [] as number[], [] as number[]];
    let running = true;
    const others = async (measured: number[], one: () => Promise<{ ms: number }>) => {
      while (running) {
        measured.push((await one()).ms);
        await sleep(10);
      }
    };
    const waiting = [others(deeds, deed), others(locks, lock)];
    const all = await timed(async () => {
      for (;;) {
        const { ms, value } = await timed(() => work(jobId));
        if (!value) return;
        batches.push(ms);
      }
    });
    running = false;
    await Promise.all(waiting);
    console.log(`${name}: ${(all.ms / 1000).toFixed(1)} s, ${Math.round((n * 1000) / all.ms)} people/s`);
    console.log(`  a batch            ${told(batches)}`);
    console.log(`  another's deed     ${told(deeds)}`);
    console.log(`  the tenant's lock  ${told(locks)}`);
  }

  const [idleDeeds, idleLocks] = [[] as number[], [] as number[]];
  for (let i = 0; i < 100; i++) {
    idleDeeds.push((await deed()).ms);
    idleLocks.push((await lock()).ms);
  }
  console.log(
    `nothing else under way\n  a deed             ${told(idleDeeds)}\n  the tenant's lock  ${told(idleLocks)}`,
  );

  const text = Array.from(
    { length: PEOPLE },
    (_, i) => `p${i}@${i % 5 === 0 ? 'fifth' : 'other'}.example,First${i},Last${i},`,
  ).join('\n');
  const draft = await timed(async () => {
    const outcome = await draftImport(ada, await checkBatch(acme.tenant.id, parseBatch(text)), 'standard_user');
    if (!outcome.ok) throw new Error(outcome.refusal);
    return outcome.value.jobId;
  });
  console.log(`check and keep ${PEOPLE} rows: ${(draft.ms / 1000).toFixed(2)} s`);
  const begun = await timed(() => beginImport(ada, draft.value, { verdicts: ['new'], numbers: [] }));
  console.log(`confirm them: ${(begun.ms / 1000).toFixed(2)} s`);
  await carryOut(`invite ${PEOPLE}`, draft.value, PEOPLE);

  await db.update(users).set({ status: 'active', passwordHash: 'x' }).where(eq(users.status, 'invited'));
  await db.execute(sql`vacuum analyze`);
  const foreseen = await timed(() => foreseeMatching(ada, 'deactivate', {}, new Date()));
  console.log(`foresee ${foreseen.value.total}: ${foreseen.ms.toFixed(0)} ms`);
  const jobId = newId();
  const seen = Math.ceil(PEOPLE / 5);
  const input = { jobId, deed: 'deactivate', filters: { q: '@fifth.example' }, seen } as const;
  const frozen = await timed(() => beginBulk(ada, input));
  console.log(`freeze ${seen} and begin: ${frozen.ms.toFixed(0)} ms`);
  await carryOut(`deactivate ${seen}`, jobId, seen);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
