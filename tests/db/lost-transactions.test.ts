import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silenceLost } from '@/db/lost-transactions';
import { env } from '@/lib/env';

const options = { backoff: () => 0, onnotice: () => {} };
let other: postgres.Sql;
let pool: postgres.Sql;

beforeEach(async () => {
  other = postgres(env().DATABASE_URL, { ...options, max: 1 });
  pool = postgres(env().DATABASE_URL, { ...options, max: 1 });
  silenceLost(pool);
  await other`drop table if exists lost_notes`;
  await other`create table lost_notes (word text)`;
});
afterEach(async () => {
  await other`drop table lost_notes`;
  await Promise.all([other, pool].map((sql) => sql.end({ timeout: 1 })));
});

/** A deed that loses its connection while it thinks, and then goes on. */
const losing = (thinkMs: number, then: (tx: postgres.TransactionSql) => unknown) =>
  pool.begin(async (tx) => {
    const [row] = await tx`select pg_backend_pid() as pid`;
    await other`select pg_terminate_backend(${row?.pid})`;
    await sleep(thinkMs);
    return then(tx);
  });

test.each<[string, (tx: postgres.TransactionSql) => unknown]>([
  ['goes on', (tx) => tx`insert into lost_notes values ('stray')`],
  ['ends', () => 'done'],
  [
    'throws',
    () => {
      throw new Error('thought better of it');
    },
  ],
])(
  'a transaction that has lost its connection and %s is not heard in the next one’s',
  async (_, then) => {
    const lost = losing(300, then).catch(({ message }: Error) => message);
    await sleep(100);
    const next = pool.begin(async (tx) => {
      await tx`insert into lost_notes values ('one')`;
      await sleep(600);
      await tx`insert into lost_notes values ('two')`;
      throw new Error('all of it taken back');
    });
    await expect(next).rejects.toThrow('all of it taken back');
    expect(await lost).not.toBe('done');
    expect(await other`select word from lost_notes`).toEqual([]);
  },
  15_000,
);

test('and holds up nobody who comes after', async () => {
  for (let times = 0; times < 4; times++) await expect(losing(20, (tx) => tx`select 1`)).rejects.toThrow();
  await sleep(100);
  expect(await Promise.all([1, 2, 3].map((n) => pool`select ${n}::int as n`))).toMatchObject([
    [{ n: 1 }],
    [{ n: 2 }],
    [{ n: 3 }],
  ]);
}, 15_000);

test('any other transaction is as the driver’s', async () => {
  await pool.begin('isolation level repeatable read', async (tx) => {
    await tx`insert into lost_notes values ('kept')`;
    await tx.savepoint((inner) => inner`insert into lost_notes values ('inner')`);
  });
  await expect(
    pool.begin(async (tx) => {
      await tx`insert into lost_notes values ('gone')`;
      throw new Error('refused');
    }),
  ).rejects.toThrow('refused');
  expect((await other`select word from lost_notes order by word`).map(({ word }) => word)).toEqual(['inner', 'kept']);
});
