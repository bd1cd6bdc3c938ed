import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { passkeyChallenges } from '@/db/schema/factors';
import { tenants } from '@/db/schema/tenants';
import { type User, users } from '@/db/schema/users';
import type { UserActor } from '@/lib/actor';
import { confirmByPasskey } from '@/lib/auth/confirm';
import { askForPasskey, signInByPasskey } from '@/lib/auth/passkey-sign-in';
import { addPasskey } from '@/lib/mfa/enrol';
import { listFactors } from '@/lib/mfa/factors';
import { authenticationOptions, registrationOptions } from '@/lib/mfa/passkeys';
import { proveByPasskey } from '@/lib/mfa/prove';
import { removeFactor, renamePasskey } from '@/lib/mfa/remove';
import { deactivate } from '@/lib/users/deactivate';
import { Authenticator } from '../../support/authenticator';
import { actorOf, cast, FROM_TEST, reread } from '../../support/cast';
import { race } from '../../support/race';
import { passwordProven, standingOf } from '../../support/second-factor';
import { trailOf } from '../../support/trail';

const REFUSED = { ok: false, refusal: 'passkey-refused' };
const named = (user: User) => ({ id: user.id, tenantId: user.tenantId, email: user.email, name: user.firstName });

async function withPasskey(user: User, { verified = true, name = 'Laptop', by = null as UserActor | null } = {}) {
  const key = new Authenticator();
  const actor = by ?? (await actorOf(user));
  const { challenge } = await registrationOptions(named(user), actor.sessionId);
  const outcome = await addPasskey(actor, { name, answer: key.create(challenge, { verified }) });
  if (!outcome.ok) throw new Error(outcome.refusal);
  return { key, actor, codes: outcome.value.codes };
}

const askedToSignIn = async () => {
  const outcome = await askForPasskey(FROM_TEST);
  if (!outcome.ok) throw new Error(outcome.refusal);
  return outcome.value.options.challenge;
};

const refusalsOf = async (user: User) =>
  (await trailOf(user)).filter(({ action }) => action === 'user.sign-in-refused').map(({ details }) => details);

describe('adding a passkey', () => {
  test('turns the second factor on, and brings recovery codes with the first', async () => {
    const { acme } = await cast();
    const { codes, actor: by } = await withPasskey(acme.sam);
    expect(codes).toHaveLength(10);
    expect(await reread(acme.sam)).toMatchObject({ mfaEnabled: true, mfa: 'set_up' });
    expect((await withPasskey(acme.sam, { name: 'Phone', by })).codes).toEqual([]);
    expect((await listFactors(acme.sam)).passkeys.map(({ name }) => name)).toEqual(['Laptop', 'Phone']);
  });

  test('takes an answer to its own question alone: once, of this session, for this purpose, from this site', async () => {
    const { acme } = await cast();
    const [one, two] = [await actorOf(acme.sam), await actorOf(acme.sam)];
    const ask = async () => (await registrationOptions(named(acme.sam), one.sessionId)).challenge;
    const add = (actor: typeof one, answer: ReturnType<Authenticator['create']>) =>
      addPasskey(actor, { name: 'Key', answer });

    expect(await add(two, new Authenticator().create(await ask()))).toEqual(REFUSED);
    expect(await add(one, new Authenticator().create('made-up-challenge'))).toEqual(REFUSED);
    const confirm = await authenticationOptions('confirm', one.sessionId, acme.sam);
    expect(await add(one, new Authenticator().create(confirm.challenge))).toEqual(REFUSED);
    expect(await add(one, new Authenticator().create(await ask(), { origin: 'http://evil.test' }))).toEqual(REFUSED);
    const late = await ask();
    await db.update(passkeyChallenges).set({ expiresAt: new Date() });
    expect(await add(one, new Authenticator().create(late))).toEqual(REFUSED);

    const challenge = await ask();
    const outcomes = await race([1, 2].map(() => () => add(one, new Authenticator().create(challenge))));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
  });

  test('refuses a key that somebody has already', async () => {
    const { acme } = await cast();
    const { key } = await withPasskey(acme.sam);
    const grace = await actorOf(acme.grace);
    const { challenge } = await registrationOptions(named(acme.grace), grace.sessionId);
    expect(await addPasskey(grace, { name: 'Mine', answer: key.create(challenge) })).toEqual(REFUSED);
  });
});

describe('a passkey as a second factor', () => {
  test('opens the session of its own person, by its own question, once', async () => {
    const { acme } = await cast();
    const { key } = await withPasskey(acme.sam);
    const graces = await withPasskey(acme.grace);
    const { actor } = await passwordProven(acme.sam);
    const ask = async () => (await authenticationOptions('second-factor', actor.sessionId, acme.sam)).challenge;
    expect(await proveByPasskey(actor, { answer: graces.key.get(await ask()) })).toEqual(REFUSED);
    expect(await proveByPasskey(actor, { answer: key.get(await askedToSignIn()) })).toEqual(REFUSED);

    const answer = key.get(await ask(), { verified: false });
    const outcome = await proveByPasskey(actor, { answer });
    if (!outcome.ok) throw new Error(outcome.refusal);
    expect(await standingOf(outcome.value.session.token)).toBe('open');
    const again = await passwordProven(acme.sam);
    expect(await proveByPasskey(again.actor, { answer })).toEqual(REFUSED);
    expect((await trailOf(acme.sam)).find(({ action }) => action === 'user.signed-in')).toMatchObject({
      details: { method: 'password', secondFactor: 'passkey' },
    });
  });

  test('that counts backwards is a copy, and refused', async () => {
    const { acme } = await cast();
    const { key } = await withPasskey(acme.sam);
    const prove = async (counter: number) => {
      const { actor } = await passwordProven(acme.sam);
      const { challenge } = await authenticationOptions('second-factor', actor.sessionId, acme.sam);
      return proveByPasskey(actor, { answer: key.get(challenge, { counter }) });
    };
    expect(await prove(7)).toMatchObject({ ok: true });
    expect(await prove(7)).toEqual(REFUSED);
    expect(await prove(6)).toEqual(REFUSED);
    expect(await prove(8)).toMatchObject({ ok: true });
    expect((await refusalsOf(acme.sam)).length).toBe(2);
  });
});

describe('a passkey instead of a password', () => {
  test('signs in at once, as a method of its own, where it has verified its user', async () => {
    const { acme } = await cast();
    const { key } = await withPasskey(acme.sam);
    expect(await signInByPasskey({ answer: key.get(await askedToSignIn(), { verified: false }) }, FROM_TEST)).toEqual(
      REFUSED,
    );
    const answer = key.get(await askedToSignIn());
    const outcome = await signInByPasskey({ answer }, FROM_TEST);
    if (!outcome.ok) throw new Error(outcome.refusal);
    expect(await standingOf(outcome.value.session.token)).toBe('open');
    expect(await reread(acme.sam)).toMatchObject({ lastLoginMethod: 'passkey' });
    expect(await signInByPasskey({ answer }, FROM_TEST), 'an answer is good once').toEqual(REFUSED);
  });

  test('is refused to whoever is not active, and says no more of it than of an unknown key', async () => {
    const { acme } = await cast();
    const { key } = await withPasskey(acme.sam);
    await deactivate(await actorOf(acme.ada), { userId: acme.sam.id });
    expect(await signInByPasskey({ answer: key.get(await askedToSignIn()) }, FROM_TEST)).toEqual(REFUSED);
    expect(await refusalsOf(acme.sam)).toEqual([{ reason: 'not-active' }]);
    expect(await signInByPasskey({ answer: new Authenticator().get(await askedToSignIn()) }, FROM_TEST)).toEqual(
      REFUSED,
    );
  });

  test('opens nothing of whom the provider alone signs in, whether or not there is one', async () => {
    const { acme } = await cast();
    const { key } = await withPasskey(acme.sam);
    await db.update(users).set({ passwordHash: null, samlEnabled: true }).where(eq(users.id, acme.sam.id));
    const signIn = async () => signInByPasskey({ answer: key.get(await askedToSignIn()) }, FROM_TEST);
    expect(await signIn()).toEqual(REFUSED);
    await db.update(tenants).set({ saml: 'enabled' }).where(eq(tenants.id, acme.tenant.id));
    expect(await signIn()).toEqual({ ok: false, refusal: 'saml-required' });
  });

  test('opens nothing while the account is reported as stolen', async () => {
    const { acme } = await cast();
    const { key } = await withPasskey(acme.sam);
    await db.update(users).set({ passwordResetRequired: true }).where(eq(users.id, acme.sam.id));
    expect(await signInByPasskey({ answer: key.get(await askedToSignIn()) }, FROM_TEST)).toEqual({
      ok: false,
      refusal: 'reset-required',
    });
  });

  test('confirms who one is, where it has verified its user', async () => {
    const { acme } = await cast();
    const { key, actor } = await withPasskey(acme.sam);
    const ask = async () => (await authenticationOptions('confirm', actor.sessionId, acme.sam)).challenge;
    expect(await confirmByPasskey(actor, { answer: key.get(await ask(), { verified: false }) })).toEqual(REFUSED);
    expect(await refusalsOf(acme.sam)).toEqual([{ reason: 'wrong-passkey' }]);
    expect(await confirmByPasskey(actor, { answer: key.get(await ask()) })).toMatchObject({ ok: true });
  });
});

test('a passkey is renamed and removed by its own person alone', async () => {
  const { acme } = await cast();
  const { actor } = await withPasskey(acme.sam);
  const grace = await actorOf(acme.grace);
  const [key] = (await listFactors(acme.sam)).passkeys;
  const passkeyId = String(key?.id);
  const gone = { ok: false, refusal: 'factor-not-found' };
  expect(await renamePasskey(grace, { passkeyId, name: 'Mine' })).toEqual(gone);
  expect(await removeFactor(grace, { factor: passkeyId })).toEqual(gone);
  expect(await renamePasskey(actor, { passkeyId, name: 'Old laptop' })).toMatchObject({ ok: true });
  expect((await trailOf(acme.sam))[0]).toMatchObject({ details: { before: 'Laptop', after: 'Old laptop' } });
  expect(await removeFactor(actor, { factor: passkeyId })).toMatchObject({ ok: true });
  expect((await listFactors(acme.sam)).passkeys).toEqual([]);
});
