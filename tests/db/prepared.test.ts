import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import { expect, test, vi } from 'vitest';
import { type Db, db } from '@/db/client';
import { prepared } from '@/db/prepared';

test('a query is built once for each pool, and answers each request by its own values', async () => {
  const build = vi.fn((on: Db) =>
    on
      .select({ said: sql<string>`${sql.placeholder('word')}::text` })
      .from(sql`(select 1) one`)
      .prepare('said'),
  );
  const said = prepared(build);
  const pool = drizzle(db.$client);
  const ask = async (on: Db, word: string) => (await said(on).execute({ word }))[0]?.said;
  expect([await ask(pool, 'one'), await ask(pool, 'two')]).toEqual(['one', 'two']);
  expect(build).toHaveBeenCalledTimes(1);
  expect(await ask(drizzle(db.$client), 'three')).toBe('three');
  expect(build).toHaveBeenCalledTimes(2);
});
