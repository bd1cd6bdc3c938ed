import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { db } from '@/db/client';
import { newId } from '@/db/id';
import { rateLimits } from '@/db/schema/rate-limits';
import { samlExchanges } from '@/db/schema/saml';
import { sessions } from '@/db/schema/sessions';
import { users } from '@/db/schema/users';
import { boot } from '@/lib/boot';
import { tidy, tidyUp } from '@/lib/housekeeping';
import { take } from '@/lib/rate-limit';
import { cast } from '../support/cast';
import { queriesOf } from '../support/count-queries';
import { connect } from '../support/saml-idp';

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

test('however much has gathered, all of it goes, a batch at a time', async () => {
  await db.execute(sql`insert into rate_limits (key, count, window_ends_at)
    select 'k' || i, 1, case when i <= 12000 then now() - interval '1 hour' else now() + interval '1 hour' end from generate_series(1, 12003) i`);
  const { queries } = await queriesOf(() => tidy());
  expect(await counts()).toBe(3);
  expect(queries.filter((query) => query.startsWith('delete from "rate_limits"'))).toHaveLength(3);
});

test('old sessions go by the time in their id, and by their end; others stay', async () => {
  const { acme } = await cast();
  const days = (n: number) => new Date(Date.now() - n * 86_400_000);
  const session = async (began: Date, endedAt: Date | null) => {
    const id = newId(began);
    const times = { createdAt: began, lastSeenAt: began, authenticatedAt: began, endedAt };
    const whose = { tenantId: acme.tenant.id, userId: acme.sam.id };
    await db.insert(sessions).values({ id, ...whose, ...times, tokenHash: id, method: 'password' });
    return id;
  };
  await session(days(401), null);
  await session(days(60), days(31));
  const stay = [await session(days(399), null), await session(days(60), days(29))];
  await tidy();
  const left = await db.select({ id: sessions.id }).from(sessions).where(eq(sessions.userId, acme.sam.id));
  expect(left.map(({ id }) => id).sort()).toEqual(stay.sort());
});

test('a clock that is not the database’s clears nothing', async () => {
  const { acme } = await cast();
  await db.update(users).set({ status: 'removed', removedAt: new Date() }).where(eq(users.id, acme.sam.id));
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 40 * 86_400_000 });
  await expect(tidyUp()).rejects.toThrow('away from the database');
  vi.useRealTimers();
  expect(await isThere(acme.sam.id)).toBe(true);
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

test('what the flight recorder of SAML holds of people goes after a month', async () => {
  const { acme } = await cast();
  await connect(acme.tenant);
  const at = (days: number) => new Date(Date.now() - days * 86_400_000);
  const kept = { tenantId: acme.tenant.id, direction: 'received', kind: 'sign-in', outcome: 'done' } as const;
  await db.insert(samlExchanges).values([31, 29].map((days) => ({ ...kept, id: newId(at(days)), at: at(days) })));
  await tidy();
  const left = await db
    .select({ at: samlExchanges.at })
    .from(samlExchanges)
    .where(eq(samlExchanges.tenantId, acme.tenant.id));
  expect(left.map((row) => row.at.getTime() > at(30).getTime())).toEqual([true]);
});
