import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { db } from '@/db/client';
import { mails } from '@/db/schema/mails';
import { users } from '@/db/schema/users';
import { editProfile } from '@/lib/users/profile';
import { actorOf, cast, reread } from '../../support/cast';
import { race } from '../../support/race';
import { actionsOn, trailOf } from '../../support/trail';

test('names are changed, with an entry of what was and is', async () => {
  const { acme } = await cast();
  const input = { userId: acme.sam.id, email: acme.sam.email, firstName: 'Samuel', lastName: 'Acme' };
  expect(await editProfile(await actorOf(acme.ada), input)).toMatchObject({ ok: true });
  expect((await trailOf(acme.sam))[0]).toMatchObject({
    action: 'user.profile-changed',
    details: { before: { firstName: 'Sam' }, after: { firstName: 'Samuel' } },
  });
});

test('a changed address is told to the old one and the new one', async () => {
  const { acme } = await cast();
  const email = `Samuel@${acme.tenant.slug}.example`;
  await editProfile(await actorOf(acme.ada), { userId: acme.sam.id, email, firstName: 'Sam', lastName: 'Acme' });
  expect((await reread(acme.sam)).email).toBe(email);
  const told = await db.select().from(mails).where(eq(mails.userId, acme.sam.id));
  expect(told.map(({ toAddress }) => toAddress).sort()).toEqual([email, acme.sam.email].sort());
});

test('the letter case of an address may be changed; the one mailbox is told once', async () => {
  const { acme } = await cast();
  const outcome = await editProfile(await actorOf(acme.ada), {
    userId: acme.sam.id,
    email: acme.sam.email.toUpperCase(),
    firstName: 'Sam',
    lastName: 'Acme',
  });
  expect(outcome).toMatchObject({ ok: true });
  const told = await db.select().from(mails).where(eq(mails.userId, acme.sam.id));
  expect(told.map(({ toAddress }) => toAddress)).toEqual([acme.sam.email.toUpperCase()]);
});

test('an address that somebody in the tenant has is refused, letter case aside, also at the same moment', async () => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  const to = (userId: string, email: string) => () =>
    editProfile(ada, { userId, email, firstName: 'X', lastName: 'Y' });
  expect(await to(acme.sam.id, acme.grace.email.toUpperCase())()).toEqual({ ok: false, refusal: 'address-taken' });
  const outcomes = await race([to(acme.sam.id, 'one@x.example'), to(acme.dan.id, 'ONE@x.example')]);
  expect(outcomes.filter(({ ok }) => !ok)).toEqual([{ ok: false, refusal: 'address-taken' }]);
});

test('the same address in another tenant is another account', async () => {
  const { acme, globex } = await cast();
  const outcome = await editProfile(await actorOf(acme.ada), {
    userId: acme.sam.id,
    email: globex.otto.email,
    firstName: 'S',
    lastName: 'A',
  });
  expect(outcome).toMatchObject({ ok: true });
});

test('an invited person is invited anew at another address, and a managed profile is changed at its owner', async () => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  expect(await editProfile(ada, { userId: acme.ivy.id, email: 'new@x.example', firstName: '', lastName: '' })).toEqual({
    ok: false,
    refusal: 'invited-address',
  });
  await db.update(users).set({ profileManagedBy: 'scim' }).where(eq(users.id, acme.sam.id));
  expect(await editProfile(ada, { userId: acme.sam.id, email: 'new@x.example', firstName: '', lastName: '' })).toEqual({
    ok: false,
    refusal: 'profile-managed',
  });
});

test('nothing changed is done without an entry', async () => {
  const { acme } = await cast();
  const before = await actionsOn(acme.sam);
  await editProfile(await actorOf(acme.ada), {
    userId: acme.sam.id,
    email: acme.sam.email,
    firstName: 'Sam',
    lastName: 'Acme',
  });
  expect(await actionsOn(acme.sam)).toEqual(before);
});
