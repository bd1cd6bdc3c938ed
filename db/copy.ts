import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Sql, TransactionSql } from 'postgres';

/**
 * COPY out of a table and into one, piece by piece, round what the driver does not see to: both would wait for ever.
 */

/**
 * The driver pauses its socket while nobody reads on, until its stream is asked for more. One that has come to its end
 * meanwhile never is, and nothing would be heard on that connection again.
 */
export async function* copyOut(sql: Sql | TransactionSql, statement: string): AsyncGenerator<Buffer> {
  const stream = await sql.unsafe(statement).readable();
  try {
    yield* stream;
  } finally {
    stream._read(0);
  }
}

/**
 * The driver tells nobody of an error that comes after the last piece, such as a reference to nothing. What follows in
 * the transaction is refused then, so something does follow.
 */
export async function copyIn(tx: TransactionSql, statement: string, rows: AsyncIterable<Buffer>): Promise<void> {
  const stream = await tx.unsafe(statement).writable();
  const end = stream._final;
  const ended = new Promise<void>((resolve) => {
    stream._final = (callback) => {
      end.call(stream, callback);
      resolve();
    };
  });
  await Promise.all([pipeline(Readable.from(rows), stream), ended.then(() => tx`select 1`)]);
}
