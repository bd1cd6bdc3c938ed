import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { db, disconnect } from '@/db/client';
import { env } from '@/lib/env';

const { DATABASE_POOL_SIZE } = env();
let other: postgres.Sql;
let pool: postgres.Sql;

beforeEach(async () => {
  other = postgres(env().DATABASE_URL, { max: 1, onnotice: () => {} });
  await disconnect();
  env().DATABASE_POOL_SIZE = 1;
  pool = db.$client;
  await other`drop table if exists lost_notes`;
  await other`create table lost_notes (word text)`;
});
afterEach(async () => {
  await other`drop table lost_notes`;
  await other.end();
  await disconnect();
  env().DATABASE_POOL_SIZE = DATABASE_POOL_SIZE;
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

test('and holds up nobody who comes after, in whichever moment it was lost', async () => {
  for (let times = 0; times < 60; times++) {
    await expect(losing((times % 12) / 2, (tx) => tx`select 1`)).rejects.toThrow();
    const after = [1, 2, 3].map((n) => pool`select ${n}::int as n`.catch(() => 'told'));
    expect(await Promise.race([Promise.all(after), sleep(3_000, 'nobody is told')]), `lost ${times}`).toHaveLength(3);
  }
}, 60_000);

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
