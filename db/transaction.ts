import { eq, sql } from 'drizzle-orm';
import { db, type Tx } from './client';
import { isDeadlock } from './conflict';
import { tenants } from './schema/tenants';
import { ofOneTenant } from './tenant-wall';

/** Runs a command in one transaction, for one tenant. `now` is read once per attempt and used throughout it. */
export const transaction = <T>(deed: (tx: Tx, now: Date) => Promise<T>): Promise<T> => ofOneTenant(() => attempt(deed));

/** On a deadlock, Postgres has rolled this transaction back entirely, so it is retried. */
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

/** True if the error was thrown before the commit. After an error from the commit itself, the outcome is unknown. */
export const wasUndone = (error: unknown): boolean => typeof error === 'object' && error !== null && undone.has(error);

/**
 * A command finds its rows by key, which has one good plan for all values, so its statements are named (decision 16). Those
 * with more values than this are not: they contain lists, and each length would be another statement text.
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
 * For a command that can reduce the number of admins. Such commands run one after another in a tenant, so that what is read
 * under the lock is still true at the commit. FOR NO KEY UPDATE, because FOR UPDATE would also block every insert that
 * references the tenant.
 */
export const tenantTransaction = <T>(tenantId: string, deed: (tx: Tx, now: Date) => Promise<T>): Promise<T> =>
  transaction(async (tx, now) => {
    await lockTenant(tx, tenantId);
    return deed(tx, now);
  });

/**
 * Row locks let new shared holders overtake a waiting exclusive one: a morning's sign-ins would block every admin's command.
 * This advisory lock is granted in order of arrival. Take it before the row lock, in either mode.
 */
export const queueForTenant = (tx: Tx, tenantId: string, how: 'alone' | 'together') =>
  tx.execute(
    how === 'alone'
      ? sql`select pg_advisory_xact_lock(hashtextextended(${tenantId}, 0))`
      : sql`select pg_advisory_xact_lock_shared(hashtextextended(${tenantId}, 0))`,
  );

/** The same lock inside a transaction that has already begun. Take it before locking any user. */
export async function lockTenant(tx: Tx, tenantId: string): Promise<void> {
  await queueForTenant(tx, tenantId, 'alone');
  await tx.select({ id: tenants.id }).from(tenants).where(eq(tenants.id, tenantId)).for('no key update');
}
