import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Sql, TransactionSql } from 'postgres';

/** COPY from and to a table in chunks, with workarounds for two cases in which the driver would wait for ever. */

/**
 * The driver pauses its socket while nobody reads, until its stream is read again. A stream that has ended meanwhile is never
 * read again, and the connection would stay paused. So we resume it at the end.
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
 * The driver does not report an error that comes after the last chunk, such as a violated foreign key. The next statement in
 * the transaction fails then, so we send one.
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
