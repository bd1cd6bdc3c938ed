import postgres from 'postgres';
import { expect, inject, test } from 'vitest';
import { copyOut } from '@/db/copy-out';

test('a connection goes on after a copy, also one that came in a single piece', async () => {
  const sql = postgres(inject('clusterUrl'), { max: 1 });
  await sql`create temp table pieces as select number, repeat('x', 900) as text from generate_series(1, 70) number`;
  for (let round = 1; round <= 20; round++) {
    let bytes = 0;
    for await (const piece of copyOut(sql, 'copy pieces to stdout')) bytes += piece.length;
    expect(bytes).toBeGreaterThan(63_000);
    expect(await sql`select ${round}::int as round`).toEqual([{ round }]);
  }
  await sql.end();
}, 10_000);
