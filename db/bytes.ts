import type { Query } from 'drizzle-orm';
import type { Db } from './client';
import { hidden } from './hide-params';
import { tenantWall } from './tenant-wall';
import { watchStatement } from './watch-queries';

/**
 * Returns a query's rows as the bytes that Postgres sent. For text that is only passed on: the driver would convert it to a
 * string, which costs more than all other work on it here.
 */
export async function bytesOf(on: Db, query: { toSQL(): Query }): Promise<(Buffer | null)[][]> {
  const { sql, params } = query.toSQL();
  tenantWall.logQuery(sql, params);
  const send = async () => on.$client.unsafe(sql, params as never[]).raw();
  return watchStatement(on.$client, sql, send).catch((error: unknown) => {
    throw hidden(sql, error);
  });
}
