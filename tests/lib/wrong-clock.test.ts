import { afterEach, expect, test, vi } from 'vitest';
import { newId } from '@/db/id';
import { verifyChain } from '@/lib/audit/verify';
import { signInByPassword } from '@/lib/auth/sign-in';
import { beginBulk } from '@/lib/jobs/begin-bulk';
import { work } from '@/lib/jobs/work';
import { changeRole } from '@/lib/users/role';
import { actorOf, cast, FROM_TEST, PASSWORD, reread } from '../support/cast';
import { jobOf, unwrapped, workOff } from '../support/jobs';

afterEach(() => {
  vi.useRealTimers();
});
const HOUR_MS = 3_600_000;
const setClock = (offMs: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + offMs });

test.each([
  ['behind', -2 * HOUR_MS],
  ['ahead', 2 * HOUR_MS],
])('with a clock that is %s the database’s no deed is done, since its date would be a lie', async (_, offMs) => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  setClock(offMs);
  await expect(changeRole(ada, { userId: acme.grace.id, role: 'standard_user' })).rejects.toThrow(
    'away from the database',
  );
  vi.useRealTimers();
  expect((await reread(acme.grace)).role).toBe('tenant_admin');
  await changeRole(ada, { userId: acme.grace.id, role: 'standard_user' });
  expect(await verifyChain(acme.tenant.id)).toMatchObject({ broken: null });
});

test('nobody signs in by it, and it tells nothing of who there is', async () => {
  const { acme } = await cast();
  setClock(2 * HOUR_MS);
  for (const email of [acme.ada.email, 'nobody@acme.example'])
    await expect(signInByPassword({ email, password: PASSWORD }, FROM_TEST)).rejects.toThrow('away from the database');
});

test('a job waits for a process with the right clock, and none of its people is given up', async () => {
  const { acme } = await cast();
  const jobId = newId();
  unwrapped(
    await beginBulk(await actorOf(acme.ada), { jobId, deed: 'deactivate', filters: { q: acme.sam.email }, seen: 1 }),
  );
  setClock(2 * HOUR_MS);
  for (let times = 0; times < 5; times++) await expect(work(jobId)).rejects.toThrow('away from the database');
  vi.useRealTimers();
  expect(await jobOf(jobId)).toMatchObject({ status: 'open', failures: 0, position: 0 });
  await workOff(jobId);
  expect((await reread(acme.sam)).status).toBe('deactivated');
});
