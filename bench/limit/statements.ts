import type { Sql } from 'postgres';
import { queriesOf } from '@/tests/support/count-queries';

/**
 * The product's statements without the product: records once what one of its functions sends to the database, then sends it
 * unchanged over the bare driver, prepared, all at once.
 */
export type Rows = unknown[][];

export async function statementsOf(sql: Sql, ask: () => Promise<unknown>): Promise<() => Promise<Rows[]>> {
  const { statements } = await queriesOf(ask);
  return () =>
    Promise.all(
      // A search must not share one generic plan for all words: see the product's own searches.
      statements.map(({ query, parameters }) =>
        sql.unsafe(query, parameters as never[], { prepare: !/ like /i.test(query) }).values(),
      ),
    ) as Promise<Rows[]>;
}
