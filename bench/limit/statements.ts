import type { Sql } from 'postgres';
import { queriesOf } from '@/tests/support/count-queries';

/**
 * The product's own statements, sent without it: what a function of the product asks the database is noted once, and then
 * sent as it is over the bare driver, prepared, all at once.
 */
export type Rows = unknown[][];

export async function statementsOf(sql: Sql, ask: () => Promise<unknown>): Promise<() => Promise<Rows[]>> {
  const { statements } = await queriesOf(ask);
  return () =>
    Promise.all(
      // A search must not be planned once for all words: see the product's own searches.
      statements.map(({ query, parameters }) =>
        sql.unsafe(query, parameters as never[], { prepare: !/ like /i.test(query) }).values(),
      ),
    ) as Promise<Rows[]>;
}
