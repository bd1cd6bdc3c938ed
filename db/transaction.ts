import { eq, sql } from 'drizzle-orm';
import { db, type Tx } from './client';
import { isDeadlock } from './conflict';
import { tenants } from './schema/tenants';
import { ofOneTenant } from './tenant-wall';

/** One deed, whole or not at all, in one tenant. `now` is the deed's one reading of the clock. */
export const transaction = <T>(deed: (tx: Tx, now: Date) => Promise<T>): Promise<T> => ofOneTenant(() => attempt(deed));

/** Two deeds that wait for each other: the database undid one of them whole, so that one is done again. */
async function attempt<T>(deed: (tx: Tx, now: Date) => Promise<T>, left = 2): Promise<T> {
  try {
    return await db.transaction((tx) =>
      deed(named(tx), new Date()).catch((error: unknown) => {
        if (typeof error === 'object' && error !== null) undone.add(error);
        throw error;
      }),
    );
  } catch (error) {
    if (left === 0 || !isDeadlock(error)) throw error;
    return attempt(deed, left - 1);
  }
}

const undone = new WeakSet<object>();

/** It was thrown within a deed, before the commit. Of what comes from the commit itself, nobody knows whether it is done. */
export const wasUndone = (error: unknown): boolean => typeof error === 'object' && error !== null && undone.has(error);

/**
 * A deed finds its rows by their keys, which is one good plan whatever is asked, so its statements are named (decision 16):
 * but for those with a list of values, whose lengths would make texts without end.
 */
const MOST_VALUES = 48;
function named(tx: Tx): Tx {
  const { session } = tx._;
  const { prepareQuery } = session;
  session.prepareQuery = ((query, fields, name, ...rest) =>
    prepareQuery.call(
      session,
      query,
      fields,
      name ?? (query.params.length <= MOST_VALUES ? 'deed' : undefined),
      ...rest,
    )) as typeof prepareQuery;
  return tx;
}

/**
 * For a deed that can lessen the number of admins: such deeds of one tenant run one after the other, so that what is read
 * under the lock is still true at the commit. FOR NO KEY UPDATE, since FOR UPDATE would also block every insert that
 * references the tenant.
 */
export const tenantTransaction = <T>(tenantId: string, deed: (tx: Tx, now: Date) => Promise<T>): Promise<T> =>
  transaction(async (tx, now) => {
    await lockTenant(tx, tenantId);
    return deed(tx, now);
  });

/**
 * Row locks let those who share pass one who waits to be alone: a morning's sign-ins would keep every admin's deed out. This
 * queue is in the order of arrival, and is stood in before the row is held, either way.
 */
export const queueForTenant = (tx: Tx, tenantId: string, how: 'alone' | 'together') =>
  tx.execute(
    how === 'alone'
      ? sql`select pg_advisory_xact_lock(hashtextextended(${tenantId}, 0))`
      : sql`select pg_advisory_xact_lock_shared(hashtextextended(${tenantId}, 0))`,
  );

/** The same lock within a transaction that has begun: before any person is held. */
export async function lockTenant(tx: Tx, tenantId: string): Promise<void> {
  await queueForTenant(tx, tenantId, 'alone');
  await tx.select({ id: tenants.id }).from(tenants).where(eq(tenants.id, tenantId)).for('no key update');
}
