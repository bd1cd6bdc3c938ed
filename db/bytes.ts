import type { Query } from 'drizzle-orm';
import type { Db } from './client';
import { hidden } from './hide-params';
import { tenantWall } from './tenant-wall';
import { watchStatement } from './watch-queries';

/**
 * The rows of a query as Postgres sent them. For a text that only goes on to a reader: the driver would make a string of
 * it, and that costs more than all else that happens to it here.
 */
export async function bytesOf(on: Db, query: { toSQL(): Query }): Promise<(Buffer | null)[][]> {
  const { sql, params } = query.toSQL();
  tenantWall.logQuery(sql, params);
  const send = async () => on.$client.unsafe(sql, params as never[]).raw();
  return watchStatement(on.$client, sql, send).catch((error: unknown) => {
    throw hidden(sql, error);
  });
}
