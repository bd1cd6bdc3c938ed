import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPage } from '@/app/administration/access/users/read-page';
import { parseView } from '@/app/administration/access/users/search-params';
import { disconnect } from '@/db/client';
import { migrate } from '@/db/migrate';
import { reading } from '@/db/replica';
import { readEntries } from '@/lib/audit/list';
import { findSession } from '@/lib/sessions/find';
import { forceSignOut } from '@/lib/users/sign-out';
import { actorOf, cast, newTenant, newUser, signedIn } from '../support/cast';
import { startPair } from '../support/standby';

let pair: Awaited<ReturnType<typeof startPair>>;
let standby: postgres.Sql;

beforeAll(async () => {
  pair = await startPair();
  await migrate(pair.primary.url);
  process.env.DATABASE_URL = pair.primary.url;
  process.env.DATABASE_REPLICA_URL = pair.replica.url;
  standby = postgres(pair.replica.url, { max: 1 });
});

afterAll(async () => {
  await standby.end();
  await disconnect();
  await pair.stop();
});

const fromReplica = async (): Promise<boolean | undefined> => {
  const [row] = await reading((on) => on.execute<{ yes: boolean }>(sql`select pg_is_in_recovery() as yes`));
  return row?.yes;
};
/** It stands still a moment after it was told. */
async function pause(): Promise<void> {
  await standby`select pg_wal_replay_pause()`;
  const state = async () => (await standby`select pg_get_wal_replay_pause_state() as state`)[0]?.state;
  await expect.poll(state, { timeout: 10_000 }).toBe('paused');
}

/** It rests for a moment where it was slow. */
const untilFromReplica = () => expect.poll(fromReplica, { timeout: 20_000 }).toBe(true);

describe.skipIf(process.platform === 'win32')('a replica', () => {
  test('is asked for lists', async () => {
    await untilFromReplica();
    const acme = await newTenant();
    await newUser(acme, 'ada');
    await expect
      .poll(async () => {
        await readPage(acme.id, parseView({}), new Date());
        return (
          await standby`select count(*)::int as n from pg_stat_activity where query like '%"users"%' and pid <> pg_backend_pid()`
        )[0]?.n;
      })
      .toBeGreaterThan(0);
  });

  test('shows each deed in the very next list', async () => {
    const acme = await newTenant();
    for (let count = 1; count <= 20; count++) {
      await newUser(acme, `person${count}`, { password: false });
      expect((await readPage(acme.id, parseView({ size: '100' }), new Date())).rows).toHaveLength(count);
    }
  });

  test('that lags behind is not asked until it has caught up', async () => {
    await untilFromReplica();
    const { tenant, ada } = (await cast()).acme;
    const admin = await actorOf(ada);
    await pause();
    try {
      const tom = await newUser(tenant, 'tom');
      expect((await readPage(tenant.id, parseView({ q: 'tom' }), new Date())).rows.map(({ id }) => id)).toEqual([
        tom.id,
      ]);
      await forceSignOut(admin, { userId: tom.id });
      const [last] = await readEntries(tenant.id, {}, { dir: 'desc', limit: 1 });
      expect(last?.entry.action).toBe('user.sessions-ended');
      // Longer than it rests.
      for (const since = Date.now(); Date.now() - since < 1_500; ) expect(await fromReplica()).toBe(false);
    } finally {
      await standby`select pg_wal_replay_resume()`;
    }
    await untilFromReplica();
  });

  test('never says who is signed in', async () => {
    await untilFromReplica();
    const { tenant, ada } = (await cast()).acme;
    const admin = await actorOf(ada);
    const tom = await newUser(tenant, 'tom');
    const { token } = await signedIn(tom);
    await untilFromReplica();
    await pause();
    try {
      await forceSignOut(admin, { userId: tom.id });
      expect(await findSession(token)).toBeNull();
    } finally {
      await standby`select pg_wal_replay_resume()`;
    }
  });

  test('that has become a primary of its own is not asked', async () => {
    await untilFromReplica();
    await standby`select pg_promote()`;
    await standby`create table of_its_own ()`;
    const seesIt = () => reading((on) => on.execute(sql`select to_regclass('of_its_own') is not null as yes`));
    // Longer than a rest.
    for (const since = Date.now(); Date.now() - since < 1_500; ) expect(await seesIt()).toMatchObject([{ yes: false }]);
  });

  test('that is gone costs nobody their list', async () => {
    const acme = await newTenant();
    await standby.end();
    await pair.replica.stop();
    const began = Date.now();
    for (let i = 0; i < 20; i++) expect((await readPage(acme.id, parseView({}), new Date())).rows).toEqual([]);
    expect(Date.now() - began).toBeLessThan(2_000);
  });
});
