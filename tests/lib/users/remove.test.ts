import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { users } from '@/db/schema/users';
import { invite } from '@/lib/invitations/invite';
import { findSession } from '@/lib/sessions/find';
import { eraseRemoved, remove, restore } from '@/lib/users/remove';
import { actorOf, cast, reread, signedIn } from '../../support/cast';
import { race } from '../../support/race';
import { actionsOn, trailOf } from '../../support/trail';

const DAY_MS = 86_400_000;

describe('remove', () => {
  test('ends the access and frees the address', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const { token } = await signedIn(acme.sam);
    expect(await remove(ada, { userId: acme.sam.id })).toMatchObject({ ok: true, value: { sessionsEnded: 1 } });
    expect(await findSession(token)).toBeNull();
    expect((await trailOf(acme.sam))[0]).toMatchObject({ action: 'user.removed', details: { sessionsEnded: 1 } });
    const again = await invite(ada, { email: acme.sam.email, firstName: '', lastName: '', role: 'standard_user' });
    expect(again).toMatchObject({ ok: true, value: { again: false } });
  });

  test('kills the open invitation of somebody who was only invited', async () => {
    const { acme } = await cast();
    expect(await remove(await actorOf(acme.ada), { userId: acme.ivy.id })).toMatchObject({
      ok: true,
      value: { invitationsRevoked: 1 },
    });
  });

  test('nobody removes themself', async () => {
    const { acme } = await cast();
    expect(await remove(await actorOf(acme.ada), { userId: acme.ada.id })).toEqual({ ok: false, refusal: 'self' });
  });

  test('what was typed must be the address, letter case aside', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    expect(await remove(ada, { userId: acme.sam.id, typed: '' })).toEqual({ ok: false, refusal: 'address-mismatch' });
    expect(await remove(ada, { userId: acme.sam.id, typed: ` ${acme.sam.email.toUpperCase()} ` })).toMatchObject({
      ok: true,
    });
  });

  test('somebody removed is not removed again', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    await remove(ada, { userId: acme.sam.id });
    expect(await remove(ada, { userId: acme.sam.id })).toEqual({ ok: false, refusal: 'removed' });
  });

  test('two admins removing each other at the same moment: one remains', async () => {
    const { acme } = await cast();
    const [ada, grace] = [await actorOf(acme.ada), await actorOf(acme.grace)];
    const outcomes = await race([
      () => remove(ada, { userId: acme.grace.id }),
      () => remove(grace, { userId: acme.ada.id }),
    ]);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
  });
});

describe('restore', () => {
  test.each(['sam', 'dan', 'ivy'] as const)('%s comes back as they were, signed in nowhere', async (name) => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const person = acme[name];
    const { token } = await signedIn(person);
    await remove(ada, { userId: person.id });
    expect(await restore(ada, { userId: person.id })).toMatchObject({ ok: true, value: { status: person.status } });
    expect(await reread(person)).toMatchObject({
      status: person.status,
      role: person.role,
      removedAt: null,
      passwordHash: person.passwordHash,
    });
    expect(await findSession(token)).toBeNull();
    expect((await actionsOn(person))[0]).toBe('user.restored');
  });

  test('is refused when somebody else has the address now', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    await remove(ada, { userId: acme.sam.id });
    await invite(ada, { email: acme.sam.email.toUpperCase(), firstName: '', lastName: '', role: 'standard_user' });
    expect(await restore(ada, { userId: acme.sam.id })).toEqual({ ok: false, refusal: 'address-taken' });
  });

  test('is possible for thirty days; then the person is erased and their trail stays', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    await remove(ada, { userId: acme.sam.id });
    await remove(ada, { userId: acme.dan.id });
    await db
      .update(users)
      .set({ removedAt: new Date(Date.now() - 31 * DAY_MS) })
      .where(eq(users.id, acme.sam.id));
    expect(await restore(ada, { userId: acme.sam.id })).toEqual({ ok: false, refusal: 'too-late' });
    await eraseRemoved();
    expect(await db.select().from(users).where(eq(users.id, acme.sam.id))).toEqual([]);
    expect((await actionsOn(acme.sam))[0]).toBe('user.erased');
    expect((await trailOf(acme.sam))[0]).toMatchObject({ actorKind: 'system', targetLabel: acme.sam.email });
    expect(await restore(ada, { userId: acme.dan.id })).toMatchObject({ ok: true });
  });

  test('is refused for somebody who was not removed', async () => {
    const { acme } = await cast();
    expect(await restore(await actorOf(acme.ada), { userId: acme.sam.id })).toEqual({
      ok: false,
      refusal: 'not-removed',
    });
  });
});
