import { eq, sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { totpFactors } from '@/db/schema/factors';
import { mails } from '@/db/schema/mails';
import { rateLimits } from '@/db/schema/rate-limits';
import { sessions } from '@/db/schema/sessions';
import { proveByCode } from '@/lib/mfa/prove';
import { countRecoveryCodes } from '@/lib/mfa/recovery-codes';
import { LIMITS } from '@/lib/rate-limit';
import { findSession } from '@/lib/sessions/find';
import { forceSignOut } from '@/lib/users/sign-out';
import { actorOf, cast, reread } from '../../support/cast';
import { race } from '../../support/race';
import { codeOf, passwordProven, standingOf, withApp } from '../../support/second-factor';
import { actionsOn, trailOf } from '../../support/trail';

const refusalsOf = (outcomes: { ok: boolean; refusal?: string }[]) =>
  outcomes.map((outcome) => (outcome.ok ? 'done' : outcome.refusal)).sort();

describe('the challenge', () => {
  test('stands between the password and everything else, and the sign-in is noted when it is passed', async () => {
    const { acme } = await cast();
    const { secret } = await withApp(acme.sam);
    const before = await reread(acme.sam);
    const { actor, token } = await passwordProven(acme.sam);
    expect(await standingOf(token)).toBe('challenge');
    expect((await reread(acme.sam)).lastLoginAt).toEqual(before.lastLoginAt);
    expect((await actionsOn(acme.sam))[0]).toBe('second-factor.added');

    const outcome = await proveByCode(actor, { code: await codeOf(secret) });
    if (!outcome.ok) throw new Error(outcome.refusal);
    expect(await findSession(token), 'the token of before is dead').toBeNull();
    expect(await standingOf(outcome.value.session.token)).toBe('open');
    expect((await trailOf(acme.sam))[0]).toMatchObject({
      action: 'user.signed-in',
      details: { method: 'password', secondFactor: 'totp' },
    });
    expect((await reread(acme.sam)).lastLoginAt).not.toEqual(before.lastLoginAt);
  });

  test('also stands before sessions that were opened before the factor was', async () => {
    const { acme } = await cast();
    const { token } = await passwordProven(acme.sam);
    expect(await standingOf(token)).toBe('open');
    await withApp(acme.sam);
    expect(await standingOf(token)).toBe('challenge');
  });

  const minutesAgo = (minutes: number) => ({ createdAt: sql`now() - make_interval(mins => ${minutes})` });

  test('is asked for in an old session too, which was open until it was set up', async () => {
    const { acme } = await cast();
    const { actor, token } = await passwordProven(acme.sam);
    await db.update(sessions).set(minutesAgo(180)).where(eq(sessions.id, actor.sessionId));
    const { secret } = await withApp(acme.sam);
    expect(await standingOf(token)).toBe('challenge');
    const outcome = await proveByCode(actor, { code: await codeOf(secret) });
    if (!outcome.ok) throw new Error(outcome.refusal);
    expect(await standingOf(outcome.value.session.token)).toBe('open');
  });

  test('is over after half an hour', async () => {
    const { acme } = await cast();
    await withApp(acme.sam);
    const ofSam = eq(totpFactors.userId, acme.sam.id);
    await db.update(totpFactors).set(minutesAgo(60)).where(ofSam);
    const { actor, token } = await passwordProven(acme.sam);
    const set = (minutes: number) =>
      db.update(sessions).set(minutesAgo(minutes)).where(eq(sessions.id, actor.sessionId));
    await set(29);
    expect(await standingOf(token)).toBe('challenge');
    await set(31);
    expect(await standingOf(token)).toBeNull();
  });

  test('is refused to a session that was ended meanwhile', async () => {
    const { acme } = await cast();
    const { secret } = await withApp(acme.sam);
    const { actor } = await passwordProven(acme.sam);
    await forceSignOut(await actorOf(acme.ada), { userId: acme.sam.id });
    expect(await proveByCode(actor, { code: await codeOf(secret) })).toEqual({ ok: false, refusal: 'signed-out' });
  });

  test('of one person is not passed by another’s code', async () => {
    const { acme } = await cast();
    const { secret } = await withApp(acme.grace);
    await withApp(acme.sam);
    const { actor } = await passwordProven(acme.sam);
    expect(await proveByCode(actor, { code: await codeOf(secret) })).toEqual({ ok: false, refusal: 'wrong-code' });
  });
});

describe('a code', () => {
  test('is accepted once on two connections at the same moment, and never again', async () => {
    for (let round = 0; round < 5; round++) {
      const { acme } = await cast();
      const { secret } = await withApp(acme.sam);
      const [one, two, three] = await Promise.all([1, 2, 3].map(() => passwordProven(acme.sam)));
      const code = await codeOf(secret);
      const outcomes = await race([one, two].map((half) => () => proveByCode(half?.actor as never, { code })));
      expect(refusalsOf(outcomes)).toEqual(['done', 'wrong-code']);
      expect(await proveByCode(three?.actor as never, { code })).toEqual({ ok: false, refusal: 'wrong-code' });
    }
  });

  test('of an older step than one that was accepted is spent too', async () => {
    const { acme } = await cast();
    const { secret } = await withApp(acme.sam);
    const [one, two] = [await passwordProven(acme.sam), await passwordProven(acme.sam)];
    expect(await proveByCode(one.actor, { code: await codeOf(secret, 1) })).toMatchObject({ ok: true });
    expect(await proveByCode(two.actor, { code: await codeOf(secret) })).toEqual({ ok: false, refusal: 'wrong-code' });
  });

  test('may be tried ten times in a quarter of an hour, in all processes together, and the owner hears of it once', async () => {
    const { acme } = await cast();
    const { secret } = await withApp(acme.sam);
    await db.delete(rateLimits);
    const { actor } = await passwordProven(acme.sam);
    const wrong = await race(
      Array.from({ length: LIMITS.codesAccount.tries }, () => () => proveByCode(actor, { code: '000000' })),
    );
    expect(new Set(refusalsOf(wrong))).toEqual(new Set(['wrong-code']));
    for (let more = 0; more < 3; more++)
      expect(await proveByCode(actor, { code: await codeOf(secret) })).toEqual({ ok: false, refusal: 'codes-limited' });
    const told = (await trailOf(acme.sam)).filter(({ details }) => details.reason === 'codes-limited');
    expect(told).toHaveLength(1);
    const sent = await db.select().from(mails).where(eq(mails.userId, acme.sam.id));
    expect(sent.filter(({ kind }) => kind === 'security').length).toBeGreaterThanOrEqual(1);
    await db.delete(rateLimits);
    expect(await proveByCode(actor, { code: await codeOf(secret) })).toMatchObject({ ok: true });
  });

  test('may be tried fifty times from one address, whosever they are', async () => {
    const { acme } = await cast();
    await db.delete(rateLimits);
    await withApp(acme.sam);
    const { actor } = await passwordProven(acme.sam);
    const elsewhere = (i: number) => ({ ...actor, userId: acme.tenant.id.replace(/.$/, String(i % 10)) });
    for (let i = 0; i < LIMITS.codesAddress.tries; i++) await proveByCode(elsewhere(i), { code: '1' });
    expect(await proveByCode(actor, { code: '000000' })).toEqual({ ok: false, refusal: 'codes-limited' });
    await db.delete(rateLimits);
  });
});

describe('a recovery code', () => {
  test('is good once, also on two connections, in any letter case and without its hyphen', async () => {
    const { acme } = await cast();
    const { codes } = await withApp(acme.sam);
    const [one, two] = [await passwordProven(acme.sam), await passwordProven(acme.sam)];
    const code = String(codes[3]).toUpperCase().replace('-', '');
    const outcomes = await race(
      [one, two].map(
        ({ actor }) =>
          () =>
            proveByCode(actor, { code }),
      ),
    );
    expect(refusalsOf(outcomes)).toEqual(['done', 'wrong-code']);
    expect(await countRecoveryCodes(acme.sam)).toBe(9);
  });

  test('of another person, and one that nobody has, are none', async () => {
    const { acme } = await cast();
    const { codes } = await withApp(acme.grace);
    await withApp(acme.sam);
    const { actor } = await passwordProven(acme.sam);
    for (const code of [String(codes[0]), '00000-00000'])
      expect(await proveByCode(actor, { code })).toEqual({ ok: false, refusal: 'wrong-code' });
  });
});
