import { expect, test } from 'vitest';
import { findSession } from '@/lib/sessions/find';
import { endSession, forceSignOut } from '@/lib/users/sign-out';
import { actorOf, cast, signedIn } from '../../support/cast';
import { endedSessions, trailOf } from '../../support/trail';

test('a forced sign-out ends all sessions and leaves the account', async () => {
  const { acme } = await cast();
  const [one, two] = [await signedIn(acme.sam), await signedIn(acme.sam)];
  expect(await forceSignOut(await actorOf(acme.ada), { userId: acme.sam.id })).toMatchObject({
    ok: true,
    value: { sessionsEnded: 2 },
  });
  expect([await findSession(one.token), await findSession(two.token)]).toEqual([null, null]);
  expect(await endedSessions(acme.sam)).toEqual(['forced', 'forced']);
  expect(await findSession((await signedIn(acme.sam)).token)).not.toBeNull();
});

test('one session of the list is ended and the others go on', async () => {
  const { acme } = await cast();
  const [one, two] = [await signedIn(acme.sam), await signedIn(acme.sam)];
  const ada = await actorOf(acme.ada);
  expect(await endSession(ada, { userId: acme.sam.id, sessionId: one.actor.sessionId })).toMatchObject({ ok: true });
  expect(await findSession(one.token)).toBeNull();
  expect(await findSession(two.token)).not.toBeNull();
  expect((await trailOf(acme.sam))[0]).toMatchObject({
    action: 'session.ended',
    details: { endedSessionId: one.actor.sessionId, device: 'Firefox on Linux' },
  });
  expect(await endSession(ada, { userId: acme.sam.id, sessionId: one.actor.sessionId })).toEqual({
    ok: false,
    refusal: 'session-not-found',
  });
});

test('somebody who is not active has no sessions to end', async () => {
  const { acme } = await cast();
  expect(await forceSignOut(await actorOf(acme.ada), { userId: acme.dan.id })).toEqual({
    ok: false,
    refusal: 'not-active',
  });
});
