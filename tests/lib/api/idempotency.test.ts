import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { db } from '@/db/client';
import { apiAnswers, apiKeys } from '@/db/schema/api-keys';
import { transaction } from '@/db/transaction';
import type { KeyActor } from '@/lib/actor';
import { once } from '@/lib/api/idempotency';
import { newKey } from '../../support/api';
import { cast, FROM_TEST } from '../../support/cast';

const REQUEST = { method: 'POST', path: '/users', body: '{}' };
const ANSWER = { status: 200, body: { done: true } };

async function asked() {
  const { acme } = await cast();
  await newKey(acme.ada);
  const [key] = await db.select().from(apiKeys).where(eq(apiKeys.userId, acme.ada.id));
  const actor = { kind: 'api_key', tenantId: acme.tenant.id, userId: acme.ada.id, keyId: key?.id } as KeyActor;
  const ask = (carryOut: () => Promise<typeof ANSWER>) => once({ ...actor, origin: FROM_TEST }, 'k', REQUEST, carryOut);
  return { ask, claims: () => db.$count(apiAnswers, eq(apiAnswers.tenantId, acme.tenant.id)) };
}

const fails = async (): Promise<never> => {
  throw new Error('no');
};

test('what was rolled back may be sent again with the same Idempotency-Key', async () => {
  const { ask, claims } = await asked();
  await expect(ask(() => transaction(fails))).rejects.toThrow('no');
  expect(await claims()).toBe(0);
  expect(await ask(async () => ANSWER)).toEqual(ANSWER);
});

test('what failed when the deed was done already, or nobody knows whether it was, is not done again', async () => {
  const { ask, claims } = await asked();
  let times = 0;
  const deed = () => transaction(async () => ++times).then(fails);
  await expect(ask(deed)).rejects.toThrow('no');
  expect(await claims()).toBe(1);
  expect(await ask(deed)).toMatchObject({ status: 409 });
  expect(times).toBe(1);
});
