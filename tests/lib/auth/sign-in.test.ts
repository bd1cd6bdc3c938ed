import { eq, inArray, sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { rateLimits } from '@/db/schema/rate-limits';
import { tenants } from '@/db/schema/tenants';
import { users } from '@/db/schema/users';
import { transaction } from '@/db/transaction';
import { forgotPassword } from '@/lib/auth/forgot-password';
import { openTenantChoice, signInByPassword, signInToTenant } from '@/lib/auth/sign-in';
import { LIMITS } from '@/lib/rate-limit';
import { findSession } from '@/lib/sessions/find';
import { deactivate } from '@/lib/users/deactivate';
import { enter } from '@/lib/users/enter';
import { actorOf, cast, FROM_TEST, newTenant, newUser, PASSWORD, reread, signedIn } from '../../support/cast';
import { race } from '../../support/race';
import { actionsOn, endedSessions, trailOf } from '../../support/trail';

const REFUSED = { ok: false, refusal: 'wrong' };
let address = 0;
/** Each test from an address of its own, so that none is limited by another's tries. */
const from = () => ({ ...FROM_TEST, ip: `198.51.100.${++address}` });

async function tokenOf(email: string, previous: Parameters<typeof signInByPassword>[2] = null): Promise<string> {
  const outcome = await signInByPassword({ email, password: PASSWORD }, from(), previous);
  if (!outcome.ok || !('session' in outcome.value)) throw new Error('not signed in');
  return outcome.value.session.token;
}

describe('signing in by password', () => {
  test('starts a session of the method password and notes the login', async () => {
    const { acme } = await cast();
    const token = await tokenOf(acme.sam.email.toUpperCase());
    expect(await findSession(token)).toMatchObject({ userId: acme.sam.id });
    const { lastLoginAt, lastLoginMethod } = await reread(acme.sam);
    expect([Date.now() - Number(lastLoginAt) < 5000, lastLoginMethod]).toEqual([true, 'password']);
    expect((await trailOf(acme.sam))[0]).toMatchObject({ action: 'user.signed-in', actorId: acme.sam.id });
  });

  test('ends the session that the browser had, and gives a new token each time', async () => {
    const { acme } = await cast();
    const { token } = await signedIn(acme.sam);
    const next = await tokenOf(acme.sam.email, await findSession(token));
    expect(next).not.toBe(token);
    expect(await findSession(token)).toBeNull();
    expect((await endedSessions(acme.sam)).filter(Boolean)).toEqual(['replaced']);
  });

  test('answers an unknown address, a wrong password, and anybody not active alike, in words and in time', async () => {
    const { acme } = await cast();
    const tries = [
      { email: 'nobody@nowhere.example', password: PASSWORD },
      { email: acme.sam.email, password: 'a wrong password' },
      { email: acme.dan.email, password: PASSWORD },
      { email: acme.dan.email, password: 'a wrong password' },
      { email: acme.ivy.email, password: PASSWORD },
    ];
    for (const attempt of tries) {
      const began = performance.now();
      expect(await signInByPassword(attempt, from())).toEqual(REFUSED);
      expect(performance.now() - began).toBeGreaterThan(345);
    }
    expect((await trailOf(acme.sam))[0]).toMatchObject({
      action: 'user.sign-in-refused',
      actorKind: 'system',
      details: { reason: 'wrong-password' },
    });
    expect((await trailOf(acme.dan))[1]).toMatchObject({ details: { reason: 'not-active' } });
  });

  test('a deactivation at the same moment leaves no live session', async () => {
    for (let round = 0; round < 4; round++) {
      const { acme } = await cast();
      const ada = await actorOf(acme.ada);
      const [signedInOutcome] = await race<unknown>([
        () => signInByPassword({ email: acme.sam.email, password: PASSWORD }, from()),
        () => deactivate(ada, { userId: acme.sam.id }),
      ]);
      const outcome = signedInOutcome as Awaited<ReturnType<typeof signInByPassword>>;
      if (outcome.ok && 'session' in outcome.value) expect(await findSession(outcome.value.session.token)).toBeNull();
      expect((await endedSessions(acme.sam)).filter((reason) => reason === null)).toEqual([]);
    }
  });

  test('is limited for an account, in every process together, and a proof of identity clears the count', async () => {
    const { acme } = await cast();
    await db.delete(rateLimits);
    const wrong = () => signInByPassword({ email: acme.sam.email, password: 'a wrong password' }, from());
    await race(Array.from({ length: LIMITS.signInAccount.tries }, () => wrong));
    const right = { email: acme.sam.email.toUpperCase(), password: PASSWORD };
    expect(await signInByPassword(right, from())).toEqual({ ok: false, refusal: 'limited' });
    expect((await trailOf(acme.sam))[0]).toMatchObject({ details: { reason: 'limited' } });
    expect(await signInByPassword({ ...right, email: acme.grace.email }, from())).toMatchObject({ ok: true });
  });

  test('an account of the same address in another tenant gives nobody more guesses at this one', async () => {
    const { acme, globex } = await cast();
    await db.delete(rateLimits);
    const namesake = await newUser(globex.tenant, 'namesake');
    await db.update(users).set({ email: acme.sam.email, passwordHash: null }).where(eq(users.id, namesake.id));
    // As its own provider signs it in, with as many browsers as it likes.
    const devices = await Promise.all(
      [0, 1].map(async () => {
        const how = { method: 'saml' } as const;
        const { deviceToken } = await transaction((tx, now) => enter(tx, now, namesake, how, from(), null));
        return deviceToken;
      }),
    );
    const guess = (deviceToken: string | null | undefined, password = 'a wrong password') =>
      signInByPassword({ email: acme.sam.email, password }, { ...from(), deviceToken: deviceToken ?? null });
    for (let n = 0; n < LIMITS.signInAccount.tries; n++) await guess(devices[n % 2]);
    expect(await guess(devices[0], PASSWORD)).toEqual(REFUSED);
    // Its owner's own browser is not limited by that.
    const { deviceToken } = await transaction((tx, now) =>
      enter(tx, now, acme.sam, { method: 'password' }, from(), null),
    );
    expect(await guess(deviceToken, PASSWORD)).toMatchObject({ ok: true });
  });

  test('an address that many other tenants have invited is found all the same', async () => {
    const { acme } = await cast();
    await db.delete(rateLimits);
    for (let n = 0; n < 21; n++) {
      const tenant = await newTenant('Aaa');
      const invited = await newUser(tenant, 'guest', { status: 'invited' });
      await db.update(users).set({ email: acme.sam.email }).where(eq(users.id, invited.id));
    }
    expect(await signInByPassword({ email: acme.sam.email, password: PASSWORD }, from())).toMatchObject({ ok: true });
  });

  test('is limited for an address, whichever accounts it tries', async () => {
    await db.delete(rateLimits);
    const here = from();
    const tries = LIMITS.signInAddress.tries + 5;
    const outcomes = await race(
      Array.from(
        { length: tries },
        (_, i) => () => signInByPassword({ email: `u${i}@x.example`, password: 'a wrong password' }, here),
      ),
    );
    expect(outcomes.filter((outcome) => !outcome.ok && outcome.refusal === 'limited')).toHaveLength(5);
  });
});

test('an address from which a whole company signs in is not limited by it', async () => {
  const { acme } = await cast();
  await db.delete(rateLimits);
  const here = from();
  for (let i = 0; i <= LIMITS.signInAddress.tries; i++) {
    const outcome = await signInByPassword({ email: acme.sam.email, password: PASSWORD }, here);
    expect(outcome.ok).toBe(true);
  }
});

describe('a person of several tenants', () => {
  async function inTwo() {
    const [one, two] = [await newTenant('One'), await newTenant('Two')];
    const first = await newUser(one, 'eve');
    const second = await newUser(two, 'eve');
    await db.update(users).set({ email: first.email }).where(eq(users.id, second.id));
    return { one, two, first, second, email: first.email };
  }

  test('chooses after proving the password, never before', async () => {
    const { one, two, second, email } = await inTwo();
    expect(await signInByPassword({ email, password: 'a wrong password' }, from())).toEqual(REFUSED);
    const outcome = await signInByPassword({ email, password: PASSWORD }, from());
    if (!outcome.ok || !('ticket' in outcome.value)) throw new Error('no choice');
    const { ticket } = outcome.value;
    expect((await openTenantChoice(ticket))?.map(({ tenantName }) => tenantName)).toEqual(['One', 'Two']);
    const chosen = await signInToTenant({ ticket, tenantId: two.id }, from());
    if (!chosen.ok) throw new Error(chosen.refusal);
    expect(await findSession(chosen.value.session.token)).toMatchObject({ userId: second.id, tenantId: two.id });
    expect(one.id).not.toBe(two.id);
  });

  test('of twenty too: the ticket is a cookie that browsers keep', async () => {
    const many = await Promise.all(Array.from({ length: 20 }, (_, i) => newTenant(`T${String(i).padStart(2, '0')}`)));
    const email = `everywhere@${many[0]?.slug}.example`;
    await Promise.all(many.map((tenant) => newUser(tenant, 'eve')));
    await db
      .update(users)
      .set({ email })
      .where(
        inArray(
          users.tenantId,
          many.map(({ id }) => id),
        ),
      );
    await db
      .update(tenants)
      .set({ name: sql`rpad(name, 100, '組織')` })
      .where(
        inArray(
          tenants.id,
          many.map(({ id }) => id),
        ),
      );
    const outcome = await signInByPassword({ email, password: PASSWORD }, from());
    if (!outcome.ok || !('ticket' in outcome.value)) throw new Error('no choice');
    expect('__Host-rollcall-choice='.length + outcome.value.ticket.length).toBeLessThan(4096);
    expect(await openTenantChoice(outcome.value.ticket)).toHaveLength(20);
  });

  test('cannot choose a tenant that the password did not prove, nor with a forged ticket', async () => {
    const { email } = await inTwo();
    const { globex } = await cast();
    const outcome = await signInByPassword({ email, password: PASSWORD }, from());
    if (!outcome.ok || !('ticket' in outcome.value)) throw new Error('no choice');
    const { ticket } = outcome.value;
    expect(await signInToTenant({ ticket, tenantId: globex.tenant.id }, from())).toEqual({
      ok: false,
      refusal: 'choice-expired',
    });
    // Not at its end, where other letters can stand for the same bytes.
    const forged = ticket.replace(/^(v1\.)(.)/, (_, version, first) => `${version}${first === 'A' ? 'B' : 'A'}`);
    expect(forged).not.toBe(ticket);
    expect(await openTenantChoice(forged)).toBeNull();
    expect(await openTenantChoice(undefined)).toBeNull();
  });
});

test('asking for a reset says the same of an unknown address, and mails only active accounts', async () => {
  const { acme } = await cast();
  for (const email of ['nobody@x.example', acme.dan.email, acme.ivy.email, acme.sam.email]) {
    const outcome = await forgotPassword({ email }, from());
    if (!outcome.ok) throw new Error(outcome.refusal);
    await outcome.value.sent;
  }
  expect(await actionsOn(acme.sam)).toContain('password.reset-sent');
  for (const person of [acme.dan, acme.ivy]) expect(await actionsOn(person)).not.toContain('password.reset-sent');
});
