import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { db } from '@/db/client';
import { rateLimits } from '@/db/schema/rate-limits';
import { users } from '@/db/schema/users';
import { boot } from '@/lib/boot';
import { tidy } from '@/lib/housekeeping';
import { take } from '@/lib/rate-limit';
import { cast } from '../support/cast';

const LIMIT = { name: 'tidy', tries: 5, windowSeconds: 60 };
const counts = async () => (await db.select().from(rateLimits)).length;
const isThere = async (id: string) => (await db.select().from(users).where(eq(users.id, id))).length > 0;

/** Two people whose time is over, of whom the database gives the first not away. */
async function stuck() {
  const { acme } = await cast();
  const gone = { status: 'removed', removedAt: new Date(Date.now() - 40 * 86_400_000) } as const;
  for (const { id } of [acme.sam, acme.dan]) await db.update(users).set(gone).where(eq(users.id, id));
  await db.execute(
    sql.raw(`create function hold() returns trigger language plpgsql as $$ begin
      if old.id = '${acme.sam.id}' then raise exception 'held'; end if; return old; end $$;
      create trigger hold before delete on users for each row execute function hold()`),
  );
  return acme;
}

beforeEach(async () => {
  await db.delete(rateLimits);
});
afterEach(() => db.execute(sql`drop function if exists hold cascade`).then(() => {}));

test('what cannot be cleared is told, and keeps nothing else from being cleared', async () => {
  const { sam, dan } = await stuck();
  await take(LIMIT, 'somebody', new Date(0));
  await expect(tidy()).rejects.toThrow('held');
  expect([await isThere(sam.id), await isThere(dan.id), await counts()]).toEqual([true, false, 0]);
});

test('a process that lives less than an hour tidies too', async () => {
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await take(LIMIT, 'somebody', new Date(0));
  await boot();
  await vi.waitFor(async () => expect(await counts()).toBe(0));
  await globalThis.rollcallStop?.();
  globalThis.rollcallStop = undefined;
  said.mockRestore();
});
