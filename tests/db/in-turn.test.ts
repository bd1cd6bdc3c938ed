import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { db, type Tx } from '@/db/client';
import { sessions } from '@/db/schema/sessions';
import { users } from '@/db/schema/users';
import { tenantTransaction, transaction } from '@/db/transaction';
import { createApiKey } from '@/lib/api-keys/create';
import { endSessions } from '@/lib/sessions/revoke';
import { holdTenant } from '@/lib/tenants/find';
import { lockUser } from '@/lib/users/find';
import { actorOf, cast } from '../support/cast';
import { waitingForLocks } from '../support/race';

/** A moment that is waited for. */
function aMoment() {
  let come = () => {};
  const moment = new Promise<void>((resolve) => {
    come = resolve;
  });
  return { moment, come };
}

test('a deed that was undone because two waited for each other is done again', async () => {
  const { acme } = await cast();
  const met = aMoment();
  let tries = 0;
  let holding = 0;
  const both = (first: string, second: string) =>
    transaction(async (tx) => {
      tries++;
      await lockUser(tx, acme.tenant.id, first);
      if (++holding >= 2) met.come();
      await met.moment;
      await lockUser(tx, acme.tenant.id, second);
    });
  await Promise.all([both(acme.sam.id, acme.dan.id), both(acme.dan.id, acme.sam.id)]);
  expect(tries).toBe(3);
});

test('who waits to be alone with the tenant is not passed by those who share it', async () => {
  const { acme } = await cast();
  const { id } = acme.tenant;
  const [begun, over] = [aMoment(), aMoment()];
  const order: string[] = [];
  const share = (name: string, meanwhile: () => Promise<void> = async () => {}) =>
    transaction(async (tx: Tx) => {
      await holdTenant(tx, id);
      order.push(name);
      await meanwhile();
    });
  const first = share('first', async () => {
    begun.come();
    await over.moment;
  });
  await begun.moment;
  const alone = tenantTransaction(id, async () => void order.push('alone'));
  await waitingForLocks(1);
  const next = share('next');
  await waitingForLocks(2);
  over.come();
  await Promise.all([first, alone, next]);
  expect(order).toEqual(['first', 'alone', 'next']);
});

test('no key is made while its maker’s access ends', async () => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  const [ended, over] = [aMoment(), aMoment()];
  const ending = transaction(async (tx, now) => {
    await lockUser(tx, acme.tenant.id, acme.ada.id);
    await endSessions(tx, now, { tenantId: acme.tenant.id, userId: acme.ada.id }, 'not-me');
    ended.come();
    await over.moment;
  });
  await ended.moment;
  const making = createApiKey(ada, { name: 'kept', days: null });
  await waitingForLocks(1);
  over.come();
  await ending;
  expect(await making).toEqual({ ok: false, refusal: 'not-allowed' });
});

test('a session that no setting could bring back is left as it is', async () => {
  const { acme } = await cast();
  await actorOf(acme.sam);
  const whose = { tenantId: acme.tenant.id, userId: acme.sam.id };
  const end = () => transaction((tx, now) => endSessions(tx, now, whose, 'signed-out'));
  const long = new Date(Date.now() - 721 * 3_600_000);
  await db.update(sessions).set({ createdAt: long }).where(eq(sessions.userId, acme.sam.id));
  expect(await end()).toBe(0);
  const [left] = await db.select({ endedAt: sessions.endedAt }).from(sessions).where(eq(sessions.userId, acme.sam.id));
  expect(left).toEqual({ endedAt: null });
  expect(await db.$count(users, eq(users.id, acme.sam.id))).toBe(1);
});
