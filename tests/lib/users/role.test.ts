import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { db } from '@/db/client';
import { users } from '@/db/schema/users';
import { findSession } from '@/lib/sessions/find';
import { countAdmins } from '@/lib/users/last-admin';
import { changeRole } from '@/lib/users/role';
import { actorOf, cast, reread, signedIn } from '../../support/cast';
import { race } from '../../support/race';
import { actionsOn, trailOf } from '../../support/trail';

test('a new role counts from the next request of a session that goes on', async () => {
  const { acme } = await cast();
  const { token } = await signedIn(acme.sam);
  expect((await findSession(token))?.role).toBe('standard_user');
  await changeRole(await actorOf(acme.ada), { userId: acme.sam.id, role: 'tenant_admin' });
  expect((await findSession(token))?.role).toBe('tenant_admin');
});

test('a change leaves an entry with before and after', async () => {
  const { acme } = await cast();
  await changeRole(await actorOf(acme.ada), { userId: acme.sam.id, role: 'tenant_admin' });
  expect((await trailOf(acme.sam))[0]).toMatchObject({
    action: 'user.role-changed',
    actorId: acme.ada.id,
    details: { before: 'standard_user', after: 'tenant_admin' },
  });
});

test('an unchanged role is done without an entry', async () => {
  const { acme } = await cast();
  const before = await actionsOn(acme.sam);
  expect(await changeRole(await actorOf(acme.ada), { userId: acme.sam.id, role: 'standard_user' })).toMatchObject({
    ok: true,
    value: { auditId: null },
  });
  expect(await actionsOn(acme.sam)).toEqual(before);
});

test('an admin may step down while another remains, and the last may not', async () => {
  const { acme } = await cast();
  expect(await changeRole(await actorOf(acme.ada), { userId: acme.ada.id, role: 'standard_user' })).toMatchObject({
    ok: true,
    value: { own: true },
  });
  expect(await changeRole(await actorOf(acme.grace), { userId: acme.grace.id, role: 'standard_user' })).toEqual({
    ok: false,
    refusal: 'last-admin',
  });
});

test('an admin who cannot sign in does not count as one who remains', async () => {
  const { globex } = await cast();
  await db.update(users).set({ role: 'tenant_admin', passwordHash: null }).where(eq(users.id, globex.otto.id));
  expect(await changeRole(await actorOf(globex.mallory), { userId: globex.mallory.id, role: 'standard_user' })).toEqual(
    { ok: false, refusal: 'last-admin' },
  );
});

test('a role that the identity provider manages is not changed here', async () => {
  const { acme } = await cast();
  await db.update(users).set({ roleManagedBy: 'scim' }).where(eq(users.id, acme.sam.id));
  expect(await changeRole(await actorOf(acme.ada), { userId: acme.sam.id, role: 'tenant_admin' })).toEqual({
    ok: false,
    refusal: 'role-managed',
  });
});

// Take the tenant's lock out of `guardedDeedOnUser`: the trigger turns one of the two into an error, and this goes red.
test('two admins demoting each other at the same moment: one is refused in words, and one admin remains', async () => {
  for (let round = 0; round < 8; round++) {
    const { acme } = await cast();
    const [ada, grace] = [await actorOf(acme.ada), await actorOf(acme.grace)];
    const outcomes = await race([
      () => changeRole(ada, { userId: acme.grace.id, role: 'standard_user' }),
      () => changeRole(grace, { userId: acme.ada.id, role: 'standard_user' }),
    ]);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await countAdmins(acme.tenant.id)).toBe(1);
  }
});

test('admins stepping down at the same moment leave one', async () => {
  const { acme } = await cast();
  const [ada, grace] = [await actorOf(acme.ada), await actorOf(acme.grace)];
  const outcomes = await race([
    () => changeRole(ada, { userId: acme.ada.id, role: 'standard_user' }),
    () => changeRole(grace, { userId: acme.grace.id, role: 'standard_user' }),
  ]);
  expect(outcomes.filter(({ ok }) => !ok)).toMatchObject([{ refusal: 'last-admin' }]);
  expect([(await reread(acme.ada)).role, (await reread(acme.grace)).role].sort()).toEqual([
    'standard_user',
    'tenant_admin',
  ]);
});
