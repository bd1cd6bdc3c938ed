import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { beginImport } from '@/lib/jobs/begin-import';
import { startWork } from '@/lib/jobs/work';
import { actorOf, cast } from '../../support/cast';
import { draftOf, jobEntries, jobOf, tracesOf, unwrapped } from '../../support/jobs';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Another process of the product, over the same database. */
function anotherProcess(): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', 'tests/support/job-worker.ts'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.push(child);
  return child;
}

test('a process that is killed in the middle of a job loses nothing and does nothing twice: another one ends it', async () => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  const emails = Array.from({ length: 2000 }, (_, i) => `p${i}@${acme.tenant.slug}.example`);
  const jobId = await draftOf(ada, emails.join('\n'));
  unwrapped(await beginImport(ada, jobId, { verdicts: ['new'], numbers: [] }));

  const first = anotherProcess();
  await vi.waitFor(async () => expect((await jobOf(jobId)).position).toBeGreaterThan(0), {
    timeout: 40_000,
    interval: 20,
  });
  first.kill('SIGKILL');
  await once(first, 'exit');
  const { position } = await jobOf(jobId);
  expect(position, 'it was killed in the middle').toBeLessThan(2000);

  const second = startWork(() => {});
  await vi.waitFor(async () => expect((await jobOf(jobId)).status).toBe('finished'), {
    timeout: 50_000,
    interval: 100,
  });
  await second.stop();
  expect(await jobOf(jobId)).toMatchObject({ done: 2000, refused: 0 });
  expect(await tracesOf(acme.tenant.id, emails)).toEqual([{ entries: 1, invitations: 1, mails: 1, n: 2000 }]);
  expect((await jobEntries(acme.tenant.id)).map(({ action }) => action)).toEqual(['job.begun', 'job.ended']);
}, 120_000);
