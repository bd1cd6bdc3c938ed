import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { apiKeys } from '@/db/schema/api-keys';
import { passwordResets } from '@/db/schema/password-resets';
import { sendPasswordReset } from '@/lib/auth/forgot-password';
import { findSession } from '@/lib/sessions/find';
import { deactivate, reactivate } from '@/lib/users/deactivate';
import { changeRole } from '@/lib/users/role';
import { newKey } from '../../support/api';
import { actorOf, cast, reread, signedIn } from '../../support/cast';
import { race } from '../../support/race';
import { endedSessions, trailOf } from '../../support/trail';

describe('deactivate', () => {
  test('ends every session of the person, who is refused on the next request', async () => {
    const { acme } = await cast();
    const [one, two] = [await signedIn(acme.sam), await signedIn(acme.sam)];
    const outcome = await deactivate(await actorOf(acme.ada), { userId: acme.sam.id });

    expect(outcome).toMatchObject({ ok: true, value: { sessionsEnded: 2 } });
    expect(await endedSessions(acme.sam)).toEqual(['deactivated', 'deactivated']);
    expect(await findSession(one.token)).toBeNull();
    expect(await findSession(two.token)).toBeNull();
    expect((await reread(acme.sam)).status).toBe('deactivated');
  });

  test('leaves an entry that names who did it, to whom, and what ended', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    await signedIn(acme.sam);
    await deactivate(ada, { userId: acme.sam.id });
    const [entry] = await trailOf(acme.sam);
    expect(entry).toMatchObject({
      action: 'user.deactivated',
      actorKind: 'user',
      actorId: acme.ada.id,
      actorLabel: acme.ada.email,
      targetLabel: acme.sam.email,
      sessionId: ada.sessionId,
      ip: '192.0.2.7',
      details: { sessionsEnded: 1, invitationsRevoked: 0, resetsRevoked: 0 },
    });
  });

  test('counts as ended what still worked, as was said before, though more is closed', async () => {
    const { acme } = await cast();
    await newKey(acme.grace);
    const { actor } = await signedIn(acme.ada);
    await sendPasswordReset(actor, { userId: acme.grace.id });
    const over = { expiresAt: new Date(Date.now() - 1000) };
    await db.update(apiKeys).set(over).where(eq(apiKeys.userId, acme.grace.id));
    await db.update(passwordResets).set(over).where(eq(passwordResets.userId, acme.grace.id));
    expect(await deactivate(actor, { userId: acme.grace.id })).toMatchObject({
      value: { keysRevoked: 0, resetsRevoked: 0 },
    });
    const keys = await db.select().from(apiKeys).where(eq(apiKeys.userId, acme.grace.id));
    expect(keys.map(({ revokedAt }) => revokedAt !== null)).toEqual([true]);
  });

  test('nobody deactivates themself', async () => {
    const { acme } = await cast();
    expect(await deactivate(await actorOf(acme.ada), { userId: acme.ada.id })).toEqual({ ok: false, refusal: 'self' });
  });

  test('an invited person is not deactivated but their invitation revoked', async () => {
    const { acme } = await cast();
    expect(await deactivate(await actorOf(acme.ada), { userId: acme.ivy.id })).toEqual({
      ok: false,
      refusal: 'invited',
    });
  });

  test('a deactivated person is not deactivated again', async () => {
    const { acme } = await cast();
    expect(await deactivate(await actorOf(acme.ada), { userId: acme.dan.id })).toEqual({
      ok: false,
      refusal: 'not-active',
    });
  });

  test('the last admin who can sign in cannot be deactivated, also by the operator', async () => {
    const { globex } = await cast();
    const cli = {
      kind: 'cli',
      tenantId: globex.tenant.id,
      id: null,
      label: 'root',
      origin: { ip: null, userAgent: null },
    } as const;
    expect(await deactivate(cli, { userId: globex.mallory.id })).toEqual({ ok: false, refusal: 'last-admin' });
    expect((await reread(globex.mallory)).status).toBe('active');
  });

  test('a user of another tenant does not exist', async () => {
    const { acme, globex } = await cast();
    expect(await deactivate(await actorOf(globex.mallory), { userId: acme.sam.id })).toEqual({
      ok: false,
      refusal: 'not-found',
    });
    expect((await reread(acme.sam)).status).toBe('active');
  });

  test('a standard user may not', async () => {
    const { acme } = await cast();
    expect(await deactivate(await actorOf(acme.sam), { userId: acme.grace.id })).toEqual({
      ok: false,
      refusal: 'not-allowed',
    });
  });

  test('an admin demoted a second ago may not: authority is read again in the deed', async () => {
    const { acme } = await cast();
    const grace = await actorOf(acme.grace);
    await changeRole(await actorOf(acme.ada), { userId: acme.grace.id, role: 'standard_user' });
    expect(await deactivate(grace, { userId: acme.sam.id })).toEqual({ ok: false, refusal: 'not-allowed' });
  });

  test('two admins deactivating each other at the same moment: one remains', async () => {
    for (let round = 0; round < 5; round++) {
      const { acme } = await cast();
      const [ada, grace] = [await actorOf(acme.ada), await actorOf(acme.grace)];
      const outcomes = await race([
        () => deactivate(ada, { userId: acme.grace.id }),
        () => deactivate(grace, { userId: acme.ada.id }),
      ]);
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    }
  });
});

describe('reactivate', () => {
  test('brings the account back without any session', async () => {
    const { acme } = await cast();
    const { token } = await signedIn(acme.sam);
    const ada = await actorOf(acme.ada);
    await deactivate(ada, { userId: acme.sam.id });
    expect(await reactivate(ada, { userId: acme.sam.id })).toMatchObject({ ok: true });
    expect((await reread(acme.sam)).status).toBe('active');
    expect(await findSession(token)).toBeNull();
    expect((await trailOf(acme.sam))[0]?.action).toBe('user.reactivated');
  });

  test('is refused for anybody who is not deactivated', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    for (const user of [acme.sam, acme.ivy]) {
      expect(await reactivate(ada, { userId: user.id })).toEqual({ ok: false, refusal: 'not-deactivated' });
    }
  });
});
