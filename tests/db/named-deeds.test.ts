import { inArray, sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { Tx } from '@/db/client';
import { newId } from '@/db/id';
import { tenants } from '@/db/schema/tenants';
import { acrossTenants } from '@/db/tenant-wall';
import { transaction } from '@/db/transaction';
import { newTenant } from '../support/cast';

/** Whether this connection keeps a plan for a text with so many values. */
async function isNamed(tx: Tx, values: number): Promise<boolean> {
  const list = Array.from({ length: values }, (_, n) => `$${n + 1}`).join(', ');
  const [row] = await tx.execute<{ named: number }>(sql`
    select count(*)::int as named from pg_prepared_statements where statement like ${`%in (${list})%`}`);
  return row?.named === 1;
}

test('what a deed asks is planned once for a connection, but not a text for each length of a list', async () => {
  await newTenant();
  const ask = (tx: Tx, values: number) =>
    acrossTenants(async () => {
      const ids = Array.from({ length: values }, () => newId());
      await tx.select({ id: tenants.id }).from(tenants).where(inArray(tenants.id, ids));
    });
  await transaction(async (tx) => {
    for (const values of [3, 48, 49, 500]) await ask(tx, values);
    const named = [];
    for (const values of [3, 48, 49, 500]) named.push(await isNamed(tx, values));
    expect(named).toEqual([true, true, false, false]);
  });
});
