import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BULK_DEEDS } from '@/db/schema/jobs';
import { DEEDS, runBulk } from '@/lib/bulk';
import { endSession, forceSignOut } from '@/lib/users/sign-out';
import { actorOf, cast, reread } from '../support/cast';
import { ON_PEOPLE } from '../support/deeds';
import { actionsOn, endedSessions } from '../support/trail';

test.each(Object.entries(ON_PEOPLE))('%s: a user of another tenant does not exist', async (_, deed) => {
  const { acme, globex } = await cast();
  const mallory = await actorOf(globex.mallory);
  for (const person of [acme.sam, acme.ada, acme.ivy, acme.dan]) {
    const { sessionId } = await actorOf(person);
    const before = { row: await reread(person), trail: await actionsOn(person) };
    expect(await deed(mallory, person.id, sessionId)).toEqual({ ok: false, refusal: 'not-found' });
    expect({ row: await reread(person), trail: await actionsOn(person) }).toEqual(before);
    expect(await endedSessions(person)).toEqual([null]);
  }
});

test.each(Object.entries(ON_PEOPLE))(
  '%s: a standard user may not, nor an admin who was signed out a second ago',
  async (_, deed) => {
    const { acme } = await cast();
    const sam = await actorOf(acme.sam);
    expect(await deed(sam, acme.ivy.id, sam.sessionId)).toEqual({ ok: false, refusal: 'not-allowed' });
    const grace = await actorOf(acme.grace);
    await forceSignOut(await actorOf(acme.ada), { userId: acme.grace.id });
    expect(await deed(grace, acme.ivy.id, grace.sessionId)).toEqual({ ok: false, refusal: 'not-allowed' });
  },
);

test('a session id of another person, or of another tenant, ends nothing', async () => {
  const { acme, globex } = await cast();
  const [ada, sam, otto] = [await actorOf(acme.ada), await actorOf(acme.sam), await actorOf(globex.otto)];
  for (const { sessionId } of [sam, otto]) {
    const outcome = await endSession(ada, { userId: acme.grace.id, sessionId });
    expect(outcome).toEqual({ ok: false, refusal: 'session-not-found' });
  }
  expect([...(await endedSessions(acme.sam)), ...(await endedSessions(globex.otto))]).toEqual([null, null]);
});

test.each(BULK_DEEDS)('bulk %s: ids of another tenant are nobody', async (deed) => {
  const { acme, globex } = await cast();
  expect(await runBulk(await actorOf(globex.mallory), deed, [acme.sam.id, acme.ivy.id])).toMatchObject({
    value: { results: [] },
  });
  expect(Object.keys(DEEDS)).toContain(deed);
});

test('every deed on a person is tried here', async () => {
  const files = ['users', 'invitations', 'mfa', 'auth', 'saml'].flatMap((room) =>
    readdirSync(`lib/${room}`).map((file) => import(`../../lib/${room}/${file.replace(/\.ts$/, '')}.ts`)),
  );
  const exported = (await Promise.all(files)).flatMap((module) => Object.entries(module));
  // A deed on a person takes `(actor, input)` and goes by `deedOnUser` or `guardedDeedOnUser`.
  const deeds = exported
    .filter(([, value]) => typeof value === 'function' && /[dD]eedOnUser\)?\(/.test(String(value)))
    .map(([name]) => name);
  expect(deeds.filter((name) => !/[dD]eedOnUser$/.test(name)).sort()).toEqual(Object.keys(ON_PEOPLE).sort());
});
