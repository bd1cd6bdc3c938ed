import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { scimErrors } from '@/db/schema/scim';
import { users } from '@/db/schema/users';
import { acrossTenants, apart, inRequest, speakFor } from '@/db/tenant-wall';
import { transaction } from '@/db/transaction';
import { findSession, listSessions } from '@/lib/sessions/find';
import { findUser, rowOf } from '@/lib/users/find';
import { cast, reread, signedIn } from '../support/cast';

const everybody = () => transaction((tx) => tx.select().from(users));
const messageOf = async (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => expect.unreachable(),
    (error: Error) => error.message,
  );

test('a statement without its tenant’s condition is not sent', async () => {
  const { globex } = await cast();
  expect(await messageOf(everybody())).toMatch(/^A statement is tied to no tenant in “users” \(select /);
  const changed = transaction((tx) =>
    tx.update(users).set({ role: 'tenant_admin' }).where(eq(users.id, globex.otto.id)),
  );
  expect(await messageOf(changed)).toMatch(/tied to no tenant in “users”/);
  expect(await reread(globex.otto)).toEqual(globex.otto);
});

test('what must look across tenants says so, also inside a deed', async () => {
  const { acme, globex } = await cast();
  const all = await transaction((tx) => acrossTenants(() => tx.select({ id: users.tenantId }).from(users)));
  expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining([acme.tenant.id, globex.tenant.id]));
  // The wall stands again behind it.
  expect(await messageOf(everybody())).toMatch(/tied to no tenant/);
});

test('a deed speaks of one tenant: of the second it is refused, and rolled back', async () => {
  const { acme, globex } = await cast();
  const outcome = transaction(async (tx) => {
    await tx.update(users).set({ firstName: 'X' }).where(rowOf(acme.sam));
    await tx.update(users).set({ firstName: 'X' }).where(rowOf(globex.otto));
  });
  expect(await messageOf(outcome)).toMatch(/^A statement speaks of another tenant than the deed it belongs to/);
  expect(await reread(acme.sam)).toEqual(acme.sam);
});

test('a request speaks for the tenant of its session, in its deeds too', async () => {
  const { acme, globex } = await cast();
  await inRequest(async () => {
    // Nobody is known yet: whom a link or an address names may be anybody’s.
    expect(await findUser(globex.tenant.id, globex.otto.id)).not.toBeNull();
    speakFor(acme.tenant.id);
    expect(await findUser(acme.tenant.id, acme.sam.id)).not.toBeNull();
    expect(await messageOf(findUser(globex.tenant.id, globex.otto.id))).toMatch(/of another tenant/);
    expect(await messageOf(transaction((tx) => tx.select().from(users).where(rowOf(globex.otto))))).toMatch(
      /of another tenant/,
    );
  });
});

test('of many rows each is asked for its tenant', async () => {
  const { acme, globex } = await cast();
  const row = (tenantId: string) => ({ tenantId, hour: new Date(), count: 1 });
  const insert = (ids: string[]) =>
    transaction((tx) => tx.insert(scimErrors).values(ids.map(row)).onConflictDoNothing());
  await insert([acme.tenant.id, acme.tenant.id]);
  expect(await messageOf(insert([acme.tenant.id, acme.tenant.id, globex.tenant.id]))).toMatch(/of several tenants/);
});

test('what was begun beside a request does not speak for it', async () => {
  const { acme, globex } = await cast();
  await inRequest(async () => {
    const later = apart(() => transaction((tx) => tx.select().from(users).where(rowOf(globex.otto))));
    speakFor(acme.tenant.id);
    expect(await later).toHaveLength(1);
  });
});

test('requests at the same moment do not hear each other', async () => {
  const { acme, globex } = await cast();
  const ask = (who: typeof acme.sam) =>
    inRequest(async () => {
      const { token } = await signedIn(who);
      const session = await findSession(token);
      speakFor(session?.tenantId ?? '');
      return listSessions(who.tenantId, who.id);
    });
  const lists = await Promise.all([acme.sam, globex.otto, acme.ada, globex.mallory].map(ask));
  expect(lists.map((list) => list.length)).toEqual([1, 1, 1, 1]);
});
