import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { copyIn, copyOut } from '@/db/copy';

let sql: Sql;
beforeAll(async () => {
  sql = postgres(inject('clusterUrl'), { max: 1, onnotice: () => {} });
  await sql`create temp table pieces as select number, repeat('x', 900) as text from generate_series(1, 70) number`;
  await sql`alter table pieces add primary key (number)`;
  await sql`create temp table parts (number integer references pieces (number))`;
});
afterAll(() => sql.end({ timeout: 0 }));

async function* rows(...lines: string[]): AsyncGenerator<Buffer> {
  for (const line of lines) yield Buffer.from(`${line}\n`);
}
const count = async () => (await sql`select count(*)::int as count from parts`)[0]?.count;

test('a connection goes on after a copy out, also one that came in a single piece', async () => {
  for (let round = 1; round <= 20; round++) {
    let bytes = 0;
    for await (const piece of copyOut(sql, 'copy pieces to stdout')) bytes += piece.length;
    expect(bytes).toBeGreaterThan(63_000);
    expect(await sql`select ${round}::int as round`).toEqual([{ round }]);
  }
}, 10_000);

test('a copy in is whole or fails, whether the fault shows at once or after the last row', async () => {
  const copy = (...lines: string[]) => sql.begin((tx) => copyIn(tx, 'copy parts from stdin', rows(...lines)));
  await copy('1', '2');
  expect(await count()).toBe(2);
  await expect(copy('1', 'two')).rejects.toThrow(/invalid input|is aborted/);
  await expect(copy('1', '71'), 'a reference to nothing').rejects.toThrow('is aborted');
  expect(await count()).toBe(2);
  await copy('70');
  expect(await count()).toBe(3);
}, 10_000);
