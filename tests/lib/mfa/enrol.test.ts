import { eq, sql } from 'drizzle-orm';
import { simpleParser } from 'mailparser';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { recoveryCodes, totpFactors } from '@/db/schema/factors';
import { mails } from '@/db/schema/mails';
import { samlDomains } from '@/db/schema/saml';
import { sessions } from '@/db/schema/sessions';
import { tenants } from '@/db/schema/tenants';
import { users } from '@/db/schema/users';
import { confirmByPassword } from '@/lib/auth/confirm';
import { changePassword, editOwnNames, endOtherSessions, reportStolen } from '@/lib/auth/own-account';
import { signInByPassword } from '@/lib/auth/sign-in';
import { unseal } from '@/lib/crypto/seal';
import { MAIL_PURPOSE } from '@/lib/mail/outbox';
import { addPasskey, finishTotp, renewRecoveryCodes, shownTotpSecret, startTotp } from '@/lib/mfa/enrol';
import { proveByCode } from '@/lib/mfa/prove';
import { removeFactor } from '@/lib/mfa/remove';
import { askForSecondFactor, resetSecondFactor } from '@/lib/mfa/reset';
import { editProfile } from '@/lib/users/profile';
import { call, newKey } from '../../support/api';
import { actorOf, cast, FROM_TEST, newUser, PASSWORD, reread, signedIn } from '../../support/cast';
import { race } from '../../support/race';
import { codeOf, passwordProven, requireFactor, standingOf, withApp } from '../../support/second-factor';
import { actionsOn, endedSessions, trailOf } from '../../support/trail';

const refusal = (name: string) => ({ ok: false, refusal: name });

/** As if the person had last proven who they are that long ago. */
const provenBefore = (sessionId: string, minutes: number) =>
  db
    .update(sessions)
    .set({ authenticatedAt: sql`now() - make_interval(mins => ${minutes})` })
    .where(eq(sessions.id, sessionId));

describe('setting up an authenticator app', () => {
  test('is done by a correct code and not before; the secret is sealed, the codes are hashed', async () => {
    const { acme } = await cast();
    const { actor } = await signedIn(acme.sam);
    await startTotp(actor);
    const secret = String(await shownTotpSecret(actor.sessionId));
    expect(await finishTotp(actor, { code: '000000' })).toEqual(refusal('wrong-code'));
    expect(await reread(acme.sam)).toMatchObject({ mfaEnabled: false, mfa: 'not_set_up' });

    const outcome = await finishTotp(actor, { code: await codeOf(secret) });
    if (!outcome.ok) throw new Error(outcome.refusal);
    expect(await reread(acme.sam)).toMatchObject({ mfaEnabled: true, mfa: 'set_up' });
    expect(new Set(outcome.value.codes).size).toBe(10);
    const kept = JSON.stringify([
      await db.select().from(totpFactors).where(eq(totpFactors.userId, acme.sam.id)),
      await db.select().from(recoveryCodes).where(eq(recoveryCodes.userId, acme.sam.id)),
    ]);
    for (const plain of [secret, ...outcome.value.codes, ...outcome.value.codes.map((code) => code.replace('-', ''))])
      expect(kept).not.toContain(plain);
    expect((await trailOf(acme.sam))[0]).toMatchObject({ action: 'second-factor.added' });
    expect(await shownTotpSecret(actor.sessionId)).toBeNull();
  });

  test('spends the code that finished it', async () => {
    const { acme } = await cast();
    const { actor } = await signedIn(acme.sam);
    await startTotp(actor);
    const code = await codeOf(String(await shownTotpSecret(actor.sessionId)));
    await finishTotp(actor, { code });
    const half = await passwordProven(acme.sam);
    expect(await proveByCode(half.actor, { code })).toEqual(refusal('wrong-code'));
  });

  test('belongs to the session that began it: a secret shown elsewhere is not finished here', async () => {
    const { acme } = await cast();
    const [thief, sam] = [await actorOf(acme.sam), await actorOf(acme.sam)];
    await startTotp(thief);
    const secret = String(await shownTotpSecret(thief.sessionId));
    expect(await finishTotp(sam, { code: await codeOf(secret) })).toEqual(refusal('enrolment-over'));
    await startTotp(sam);
    expect(await shownTotpSecret(sam.sessionId)).not.toBe(secret);
  });

  test('at the same moment twice makes one app and one set of codes', async () => {
    const { acme } = await cast();
    const { actor } = await signedIn(acme.sam);
    await startTotp(actor);
    const code = await codeOf(String(await shownTotpSecret(actor.sessionId)));
    const outcomes = await race([1, 2].map(() => () => finishTotp(actor, { code })));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await db.select().from(recoveryCodes).where(eq(recoveryCodes.userId, acme.sam.id))).toHaveLength(10);
  });
});

describe('a fresh proof of who one is', () => {
  test('is asked for by every dangerous change of one’s own account, ten minutes after the last', async () => {
    const { acme } = await cast();
    const { actor } = await withApp(acme.ada);
    await provenBefore(actor.sessionId, 11);
    const own = { userId: acme.ada.id, firstName: 'Ada', lastName: 'Acme', email: 'new@x.example' };
    for (const deed of [
      () => startTotp(actor),
      () => renewRecoveryCodes(actor),
      () => removeFactor(actor, { factor: 'totp' }),
      () => resetSecondFactor(actor, { userId: acme.ada.id }),
      () => editProfile(actor, own),
    ])
      expect(await deed()).toEqual(refusal('proof-needed'));
    expect(await editOwnNames(actor, own), 'what is not dangerous goes on').toMatchObject({ ok: true });

    expect(await confirmByPassword(actor, { password: 'a wrong password' })).toEqual(refusal('wrong-password'));
    const confirmed = await confirmByPassword(actor, { password: PASSWORD });
    if (!confirmed.ok) throw new Error(confirmed.refusal);
    expect(await standingOf(confirmed.value.session.token)).toBe('open');
    expect(await renewRecoveryCodes(actor)).toMatchObject({ ok: true });
  });

  test('is limited like a sign-in', async () => {
    const { acme } = await cast();
    const { actor } = await signedIn(acme.sam);
    for (let i = 0; i < 20; i++) await confirmByPassword(actor, { password: 'a wrong password' });
    expect(await confirmByPassword(actor, { password: PASSWORD })).toEqual(refusal('limited'));
  });

  test('is worth nothing to a half-open session', async () => {
    const { acme } = await cast();
    await withApp(acme.sam);
    const { actor } = await passwordProven(acme.sam);
    for (const deed of [
      () => confirmByPassword(actor, { password: PASSWORD }),
      () => startTotp(actor),
      () => removeFactor(actor, { factor: 'totp' }),
      () => renewRecoveryCodes(actor),
      () => editOwnNames(actor, { firstName: 'X', lastName: 'X' }),
      () => endOtherSessions(actor),
      () => reportStolen(actor),
      () => changePassword(actor, { currentPassword: PASSWORD, password: 'copper lantern sixty-six' }),
    ])
      expect(await deed()).toEqual(refusal('signed-out'));
  });

  test('nor is an admin’s half-open session worth a deed', async () => {
    const { acme } = await cast();
    await withApp(acme.ada);
    const { actor } = await passwordProven(acme.ada);
    expect(await askForSecondFactor(actor, { userId: acme.sam.id })).toEqual(refusal('not-allowed'));
  });
});

describe('removing a second factor', () => {
  test('ends the other sessions, drops the recovery codes with the last one, and is told', async () => {
    const { acme } = await cast();
    const { actor } = await withApp(acme.sam);
    const other = await signedIn(acme.sam);
    expect(await removeFactor(actor, { factor: 'totp' })).toMatchObject({ ok: true, value: { sessionsEnded: 1 } });
    expect(await standingOf(other.token)).toBeNull();
    expect(await reread(acme.sam)).toMatchObject({ mfaEnabled: false });
    expect(await db.select().from(recoveryCodes).where(eq(recoveryCodes.userId, acme.sam.id))).toEqual([]);
    expect(await removeFactor(actor, { factor: 'totp' })).toEqual(refusal('factor-not-found'));
  });

  test('is refused for the last one while the tenant requires one', async () => {
    const { acme } = await cast();
    const { actor } = await withApp(acme.sam);
    await requireFactor(acme.tenant.id);
    expect(await removeFactor(actor, { factor: 'totp' })).toEqual(refusal('factor-needed'));
  });

  test('of another person does not exist', async () => {
    const { acme, globex } = await cast();
    const { actor } = await withApp(acme.sam);
    await withApp(globex.otto);
    expect(await removeFactor(actor, { factor: globex.otto.id })).toEqual(refusal('factor-not-found'));
    expect((await reread(globex.otto)).mfaEnabled).toBe(true);
  });
});

test('a tenant that requires a second factor leads to enrolment whoever signs in since, and nobody who did before', async () => {
  const { acme } = await cast();
  const before = await passwordProven(acme.sam);
  await requireFactor(acme.tenant.id);
  const since = await passwordProven(acme.sam);
  expect([await standingOf(before.token), await standingOf(since.token)]).toEqual(['open', 'enrolment']);
  expect(await actionsOn(acme.sam)).toEqual(['user.signed-in']);

  await provenBefore(since.actor.sessionId, 25);
  await startTotp(since.actor);
  const outcome = await finishTotp(since.actor, {
    code: await codeOf(String(await shownTotpSecret(since.actor.sessionId))),
  });
  if (!outcome.ok) throw new Error(outcome.refusal);
  expect(await standingOf(String(outcome.value.session?.token))).toBe('open');
  expect((await actionsOn(acme.sam)).slice(0, 2)).toEqual(['user.signed-in', 'second-factor.added']);
  await requireFactor(acme.tenant.id, null);
});

describe('an admin', () => {
  test('resets a person’s second factor: all of it, and every session', async () => {
    const { acme } = await cast();
    await withApp(acme.sam);
    const outcome = await resetSecondFactor(await actorOf(acme.ada), { userId: acme.sam.id });
    expect(outcome).toMatchObject({ ok: true, value: { sessionsEnded: 1 } });
    expect(await endedSessions(acme.sam)).toEqual(['second-factor-changed']);
    expect((await trailOf(acme.sam))[0]).toMatchObject({
      action: 'second-factor.reset',
      details: { factors: ['An authenticator app'], sessionsEnded: 1 },
    });
    expect(await standingOf((await passwordProven(acme.sam)).token)).toBe('open');
    expect(await resetSecondFactor(await actorOf(acme.ada), { userId: acme.sam.id })).toEqual(refusal('no-factor'));
  });

  test('asks for one by mail, whom it concerns', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    expect(await askForSecondFactor(ada, { userId: acme.sam.id })).toMatchObject({ ok: true });
    expect(await askForSecondFactor(ada, { userId: acme.ivy.id })).toEqual(refusal('not-active'));
    await withApp(acme.sam);
    expect(await askForSecondFactor(ada, { userId: acme.sam.id })).toEqual(refusal('factor-there'));
  });
});

test('whom the provider alone signs in sets no way in up beside it', async () => {
  const { acme } = await cast();
  const { actor } = await signedIn(await newUser(acme.tenant, 'by-provider', { password: false }));
  expect(await startTotp(actor)).toEqual(refusal('no-password'));
  expect(await finishTotp(actor, { code: '000000' })).toEqual(refusal('no-password'));
  expect(await addPasskey(actor, { name: 'Key', answer: {} as never })).toEqual(refusal('no-password'));
});

test('an account reported as stolen opens to its password no more, until a new one is set by mail', async () => {
  const { acme } = await cast();
  const { actor } = await signedIn(acme.sam);
  await signedIn(acme.sam);
  expect(await reportStolen(actor)).toMatchObject({ ok: true, value: { sessionsEnded: 2 } });
  expect(
    await signInByPassword({ email: acme.sam.email, password: PASSWORD }, { ...FROM_TEST, ip: '203.0.113.251' }),
  ).toEqual(refusal('reset-required'));
  expect((await actionsOn(acme.sam)).slice(1, 3)).toEqual(['password.reset-sent', 'account.reported-stolen']);
});

test('whoever has no password here ends everything too, and is sent no link', async () => {
  const { acme } = await cast();
  const user = await newUser(acme.tenant, 'by-provider', { password: false });
  const { actor } = await signedIn(user);
  expect(await reportStolen(actor)).toMatchObject({ ok: true, value: { sessionsEnded: 1, isMailed: false } });
  expect(await reread(user)).toMatchObject({ passwordResetRequired: false });
});

test('the mail after a report says what is so: that the password opens nothing until there is a new one', async () => {
  const { acme } = await cast();
  const { actor } = await signedIn(acme.sam);
  await reportStolen(actor);
  const [mail] = await db.select().from(mails).where(eq(mails.userId, acme.sam.id));
  const { text = '' } = await simpleParser(unseal(mail?.contentSealed ?? '', MAIL_PURPOSE) ?? '');
  expect(text).toContain('was reported');
  expect(text).not.toMatch(/stays as it is|sent you this link/);
});

test('the keys of an account reported as stolen end with it, and no link is sent that would be refused', async () => {
  const { acme } = await cast();
  const [{ actor }, { token }] = [await signedIn(acme.ada), await newKey(acme.ada)];
  await db.update(users).set({ breakGlass: true }).where(eq(users.id, acme.grace.id));
  await db.update(tenants).set({ saml: 'required' }).where(eq(tenants.id, acme.tenant.id));
  await db.update(sessions).set({ method: 'saml' }).where(eq(sessions.id, actor.sessionId));
  const [domain = ''] = acme.ada.email.split('@').slice(1);
  const at = new Date();
  // Known to the provider, so that her password is needed for nothing.
  await db.insert(samlDomains).values({ domain, tenantId: acme.tenant.id, createdAt: at, verifiedAt: at });
  expect(await reportStolen(actor)).toMatchObject({ ok: true, value: { keysRevoked: 1, isMailed: false } });
  expect((await call(token, 'GET', '/users')).status).toBe(401);
  expect((await trailOf(acme.ada))[0]).toMatchObject({
    action: 'account.reported-stolen',
    details: { keysRevoked: 1 },
  });
});
