import { eq } from 'drizzle-orm';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { db } from '@/db/client';
import { mails } from '@/db/schema/mails';
import { passwordResets } from '@/db/schema/password-resets';
import { tenants } from '@/db/schema/tenants';
import { type User, users } from '@/db/schema/users';
import { sendPasswordReset } from '@/lib/auth/forgot-password';
import { changePassword, editOwnNames, endOtherSessions, endOwnSession, signOut } from '@/lib/auth/own-account';
import { findOpenReset, resetPassword } from '@/lib/auth/reset-password';
import { signInByPassword } from '@/lib/auth/sign-in';
import { verifyPassword } from '@/lib/crypto/password';
import { unseal } from '@/lib/crypto/seal';
import { LIMITS, take } from '@/lib/rate-limit';
import { findSession } from '@/lib/sessions/find';
import { newKey } from '../../support/api';
import { actorOf, cast, FROM_TEST, PASSWORD, reread, signedIn } from '../../support/cast';
import { race } from '../../support/race';
import { withApp } from '../../support/second-factor';
import { actionsOn, endedSessions, trailOf } from '../../support/trail';

const NEW = 'copper lantern sixty-six';

async function lastMailTo(user: User): Promise<string> {
  const sent = await db.select().from(mails).where(eq(mails.userId, user.id)).orderBy(mails.id);
  return (await simpleParser(unseal(sent.at(-1)?.contentSealed ?? '', 'mail') ?? '')).text ?? '';
}

/** The token as the person gets it: out of the mail that waits. */
const tokenMailedTo = async (user: User) => /reset-password\/(\S+)/.exec(await lastMailTo(user))?.[1] ?? '';

const countOf = (user: User, { deviceToken }: { deviceToken: string }) => `${user.email}\0${deviceToken}`;

async function asked() {
  const { acme } = await cast();
  await sendPasswordReset(await actorOf(acme.ada), { userId: acme.sam.id });
  return { acme, token: await tokenMailedTo(acme.sam) };
}

test('a reset sets the password, ends every session and spends the link', async () => {
  const { acme, token } = await asked();
  const { token: session } = await signedIn(acme.sam);
  expect(await findOpenReset(token)).toMatchObject({ email: acme.sam.email });
  expect(await resetPassword({ token, password: NEW }, FROM_TEST)).toMatchObject({
    ok: true,
    value: { sessionsEnded: 1 },
  });
  expect(await findSession(session)).toBeNull();
  expect(await endedSessions(acme.sam)).toEqual(['password-reset']);
  expect(await verifyPassword((await reread(acme.sam)).passwordHash, NEW)).toBe(true);
  expect(await resetPassword({ token, password: NEW }, FROM_TEST)).toEqual({ ok: false, refusal: 'link-dead' });
  expect((await actionsOn(acme.sam))[0]).toBe('password.reset');
});

test('it revokes the API keys too, and entry and mail say so', async () => {
  const { acme } = await cast();
  await newKey(acme.grace);
  await sendPasswordReset(await actorOf(acme.ada), { userId: acme.grace.id });
  const token = await tokenMailedTo(acme.grace);
  expect(await resetPassword({ token, password: NEW }, FROM_TEST)).toMatchObject({ value: { keysRevoked: 1 } });
  expect((await trailOf(acme.grace))[0]).toMatchObject({ details: { keysRevoked: 1 } });
  expect(await lastMailTo(acme.grace)).toContain('1 API key was revoked.');
});

test('it frees the browser too in which its owner has mistyped the old one', async () => {
  const { acme, token } = await asked();
  const signIn = (password: string) => signInByPassword({ email: acme.sam.email, password }, from);
  const first = await signInByPassword({ email: acme.sam.email, password: PASSWORD }, FROM_TEST);
  if (!first.ok || !('session' in first.value)) throw new Error('not signed in');
  const from = { ...FROM_TEST, ip: '203.0.113.252', deviceToken: String(first.value.session.deviceToken) };
  const mistype = async () => {
    for (let i = 0; i < LIMITS.signInDevice.tries; i++) await take(LIMITS.signInDevice, countOf(acme.sam, from));
  };
  await mistype();
  expect(await signIn(PASSWORD)).toEqual({ ok: false, refusal: 'limited' });
  expect(await resetPassword({ token, password: NEW }, from)).toMatchObject({ ok: true });
  // And so does each sign-in, so that many in a row are no guesses.
  for (let i = 0; i < LIMITS.signInDevice.tries + 1; i++) expect(await signIn(NEW)).toMatchObject({ ok: true });
});

test('of two resets by one link at the same moment one wins', async () => {
  const { token } = await asked();
  const outcomes = await race([1, 2, 3].map((i) => () => resetPassword({ token, password: `${NEW} ${i}` }, FROM_TEST)));
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
});

test('a newer link kills the older one, and an hour kills both', async () => {
  const { acme, token } = await asked();
  await sendPasswordReset(await actorOf(acme.ada), { userId: acme.sam.id });
  expect(await findOpenReset(token)).toBeNull();
  const newer = await tokenMailedTo(acme.sam);
  expect(await findOpenReset(newer)).not.toBeNull();
  expect(await findOpenReset(newer, new Date(Date.now() + 3_600_001))).toBeNull();
  await db.update(passwordResets).set({ expiresAt: new Date(0) });
  expect(await resetPassword({ token: newer, password: NEW }, FROM_TEST)).toEqual({ ok: false, refusal: 'link-dead' });
});

test('an easy password is refused and the link stays good', async () => {
  const { token } = await asked();
  expect(await resetPassword({ token, password: 'aaaaaaaaaaaaaa' }, FROM_TEST)).toEqual({
    ok: false,
    refusal: 'password-common',
  });
  expect(await findOpenReset(token)).not.toBeNull();
});

test('whoever signed in by SAML alone is sent one once it is off, and not before', async () => {
  const { acme } = await cast();
  await db.update(users).set({ samlEnabled: true, passwordHash: null }).where(eq(users.id, acme.sam.id));
  const saml = (mode: 'enabled' | 'off') =>
    db.update(tenants).set({ saml: mode }).where(eq(tenants.id, acme.tenant.id));
  const send = async () => sendPasswordReset(await actorOf(acme.ada), { userId: acme.sam.id });
  await saml('enabled');
  expect(await send()).toEqual({ ok: false, refusal: 'saml-only' });
  await saml('off');
  expect(await send()).toMatchObject({ ok: true });
  expect(await resetPassword({ token: await tokenMailedTo(acme.sam), password: NEW }, FROM_TEST)).toMatchObject({
    ok: true,
  });
  expect(await signInByPassword({ email: acme.sam.email, password: NEW }, FROM_TEST)).toMatchObject({ ok: true });
});

test('no reset is sent to somebody who is not active', async () => {
  const { acme } = await cast();
  expect(await sendPasswordReset(await actorOf(acme.ada), { userId: acme.dan.id })).toEqual({
    ok: false,
    refusal: 'not-active',
  });
});

test('a changed password asks for the current one and ends the other sessions', async () => {
  const { acme } = await cast();
  const [mine, other] = [await signedIn(acme.sam), await signedIn(acme.sam)];
  expect(await changePassword(mine.actor, { currentPassword: 'wrong', password: NEW })).toEqual({
    ok: false,
    refusal: 'wrong-password',
  });
  expect(await changePassword(mine.actor, { currentPassword: PASSWORD, password: 'short' })).toEqual({
    ok: false,
    refusal: 'password-short',
  });
  expect((await trailOf(acme.sam)).map(({ details }) => details)).toContainEqual({ reason: 'wrong-password' });
  expect(await changePassword(mine.actor, { currentPassword: PASSWORD, password: NEW })).toMatchObject({
    ok: true,
    value: { sessionsEnded: 1 },
  });
  expect(await findSession(mine.token)).not.toBeNull();
  expect(await findSession(other.token)).toBeNull();
});

test('people end their own sessions, one, the others, or this one', async () => {
  const { acme } = await cast();
  const [mine, second, third] = [await signedIn(acme.sam), await signedIn(acme.sam), await signedIn(acme.sam)];
  const theirs = await signedIn(acme.grace);
  expect(await endOwnSession(mine.actor, { sessionId: theirs.actor.sessionId })).toEqual({
    ok: false,
    refusal: 'session-not-found',
  });
  await endOwnSession(mine.actor, { sessionId: second.actor.sessionId });
  expect(await endOtherSessions(mine.actor)).toMatchObject({ value: { sessionsEnded: 1 } });
  expect([await findSession(second.token), await findSession(third.token)]).toEqual([null, null]);
  expect(await findSession(theirs.token)).not.toBeNull();
  await signOut(mine.actor);
  expect(await findSession(mine.token)).toBeNull();
  expect((await actionsOn(acme.sam))[0]).toBe('user.signed-out');
  await signOut(mine.actor);
  expect((await actionsOn(acme.sam)).filter((action) => action === 'user.signed-out')).toHaveLength(1);
  // Who only knows the password leaves no entry as the person.
  await withApp(acme.grace);
  const { actor, token } = await signedIn(acme.grace);
  await signOut(actor);
  expect(await findSession(token)).toBeNull();
  expect(await actionsOn(acme.grace)).not.toContain('user.signed-out');
});

test('people edit their own names and nothing else of themselves', async () => {
  const { acme } = await cast();
  await editOwnNames(await actorOf(acme.sam), {
    firstName: 'Samuel',
    lastName: 'Smith',
    role: 'tenant_admin',
  } as never);
  expect(await reread(acme.sam)).toMatchObject({ firstName: 'Samuel', lastName: 'Smith', role: 'standard_user' });
  await editOwnNames(await actorOf(acme.sam), { firstName: 'Samuel', lastName: 'Jones' });
  expect((await trailOf(acme.sam))[0]?.details).toEqual({
    before: { lastName: 'Smith' },
    after: { lastName: 'Jones' },
  });
});
