import type { Sql, TransactionSql } from 'postgres';

/**
 * What a COPY … TO STDOUT gives, a piece at a time. The driver pauses its socket while nobody reads on, until its stream is
 * asked for more. One that has come to its end meanwhile never is, and nothing would be heard on that connection again.
 */
export async function* copyOut(sql: Sql | TransactionSql, statement: string): AsyncGenerator<Buffer> {
  const stream = await sql.unsafe(statement).readable();
  try {
    yield* stream;
  } finally {
    stream._read(0);
  }
}
