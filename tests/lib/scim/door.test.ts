import { eq, sql } from 'drizzle-orm';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { db } from '@/db/client';
import { scimExchanges } from '@/db/schema/scim';
import { scimTokens } from '@/db/schema/scim-tokens';
import { judge } from '@/lib/auth/gate';
import { LIMITS } from '@/lib/rate-limit';
import { setPaused, statusOf } from '@/lib/scim/connection';
import { findExchange, KEPT_EXCHANGES, listExchanges } from '@/lib/scim/recorder';
import { createToken, listTokens, revokeToken } from '@/lib/scim/tokens';
import { deactivate } from '@/lib/users/deactivate';
import { actorOf, aged, cast, FROM_TEST, operatorOf, signedIn } from '../../support/cast';
import { aUser, clientOf, newClient, newToken } from '../../support/scim';
import { expectConsoleError } from '../../support/setup';

describe('a token', () => {
  test('is told once and kept as a hash', async () => {
    const { acme } = await cast();
    const made = await createToken(await actorOf(acme.ada), { name: 'Okta', days: 90 });
    if (!made.ok) throw new Error(made.refusal);
    const rows = await db.select().from(scimTokens).where(eq(scimTokens.id, made.value.id));
    expect(JSON.stringify(rows)).not.toContain(made.value.token);
    expect(rows[0]).toMatchObject({ name: 'Okta', createdBy: acme.ada.email, lastUsedAt: null });
    expect((await clientOf(made.value.token).get('/Users')).status).toBe(200);
  });

  test('is refused on the very next request after it was revoked, or when its time is over; others go on', async () => {
    const { acme } = await cast();
    const [old, fresh, short] = [
      await newToken(acme.tenant, 'Old'),
      await newToken(acme.tenant, 'New'),
      await newToken(acme.tenant, 'Short', 1),
    ];
    await db
      .update(scimTokens)
      .set({ expiresAt: new Date(Date.now() - 1) })
      .where(eq(scimTokens.id, short.id));
    expect(await revokeToken(await actorOf(acme.ada), { tokenId: old.id })).toMatchObject({ ok: true });
    for (const { token } of [old, short]) {
      const { status, headers, body } = await clientOf(token).get('/Users');
      expect([status, body.status, headers.get('www-authenticate')]).toEqual([
        401,
        '401',
        expect.stringContaining('invalid_token'),
      ]);
    }
    expect((await clientOf(fresh.token).get('/Users')).status).toBe(200);
  });

  test('revoked while a request is under way, it does nothing any more', async () => {
    const { acme } = await cast();
    const { id } = await newToken(acme.tenant);
    const actor = { kind: 'scim', tenantId: acme.tenant.id, id, label: 'Okta', origin: FROM_TEST } as const;
    await revokeToken(operatorOf(acme.tenant), { tokenId: id });
    expect(await deactivate(actor, { userId: acme.sam.id })).toEqual({ ok: false, refusal: 'not-allowed' });
    const expired = await newToken(acme.tenant, 'Short', 1);
    await db
      .update(scimTokens)
      .set({ expiresAt: new Date(Date.now() - 1) })
      .where(eq(scimTokens.id, expired.id));
    expect(await deactivate({ ...actor, id: expired.id }, { userId: acme.sam.id })).toEqual({
      ok: false,
      refusal: 'not-allowed',
    });
  });

  test('of another tenant acts in its own alone', async () => {
    const { acme, globex } = await cast();
    const { id } = await newToken(globex.tenant);
    const forged = { kind: 'scim', tenantId: acme.tenant.id, id, label: 'Okta', origin: FROM_TEST } as const;
    expect(await deactivate(forged, { userId: acme.sam.id })).toEqual({ ok: false, refusal: 'not-allowed' });
    expect(await revokeToken(await actorOf(acme.ada), { tokenId: id })).toEqual({
      ok: false,
      refusal: 'token-not-found',
    });
    expect(await listTokens(acme.tenant.id)).toEqual([]);
  });

  test('has a name of its own among the live ones, and a time within bounds', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const { id } = await newToken(acme.tenant, 'Okta');
    expect(await createToken(ada, { name: 'OKTA', days: null })).toEqual({ ok: false, refusal: 'token-name-taken' });
    await revokeToken(ada, { tokenId: id });
    expect(await createToken(ada, { name: 'OKTA', days: null })).toMatchObject({ ok: true });
    for (const days of [0, 3_651])
      expect(await createToken(ada, { name: 'X', days })).toEqual({ ok: false, refusal: 'token-expiry' });
    expect(await createToken(await actorOf(acme.sam), { name: 'Y', days: null })).toEqual({
      ok: false,
      refusal: 'not-allowed',
    });
    expect(await revokeToken(await actorOf(acme.sam), { name: 'OKTA' })).toEqual({ ok: false, refusal: 'not-allowed' });
  });

  test('is made by an admin who has proven just now who they are: it outlives the session', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    await aged(ada.sessionId);
    expect(await createToken(ada, { name: 'Okta', days: null })).toEqual({ ok: false, refusal: 'proof-needed' });
    expect(await listTokens(acme.tenant.id)).toEqual([]);
  });

  test('notes its last use, at most once a minute', async () => {
    const { acme } = await cast();
    const idp = await newClient(acme.tenant);
    const used = async () => (await listTokens(acme.tenant.id))[0]?.lastUsedAt?.getTime();
    await idp.get('/Users');
    const first = await used();
    await idp.get('/Users');
    expect(first).toBeDefined();
    expect(await used()).toBe(first);
    await db
      .update(scimTokens)
      .set({ lastUsedAt: new Date(Date.now() - 61_000) })
      .where(eq(scimTokens.id, idp.tokenId));
    await idp.get('/Users');
    expect(await used()).toBeGreaterThanOrEqual(first ?? 0);
  });
});

test('a session never counts at this door, and the door needs none', async () => {
  const { acme } = await cast();
  const { token } = await signedIn(acme.ada);
  const cookie = `__Host-rollcall=${token}; rollcall=${token}`;
  expect((await clientOf('none').get('/Users', { headers: { authorization: '', cookie } })).status).toBe(401);
  for (const pathname of ['/api/scim/v2', '/api/scim/v2/Users', '/api/scim/v2/Users/1'])
    expect(
      await judge({
        method: 'POST',
        pathname,
        cookie: undefined,
        headers: new Headers({ origin: 'https://x.example' }),
      }),
    ).toBe('pass');
  for (const pathname of ['/api/scim', '/api/scim/v1/Users', '/api/scim/v2x'])
    expect(await judge({ method: 'GET', pathname, cookie: undefined, headers: new Headers() })).toBe('unlisted');
});

test('paused, every request is answered 503 with Retry-After, and nothing is done', async () => {
  const { acme, globex } = await cast();
  const [idp, other] = [await newClient(acme.tenant), await newClient(globex.tenant)];
  const ada = await actorOf(acme.ada);
  expect(await setPaused(await actorOf(acme.sam), { paused: true })).toEqual({ ok: false, refusal: 'not-allowed' });
  await setPaused(ada, { paused: true });
  const answer = await idp.post('/Users', aUser('zoe'));
  expect([answer.status, answer.body.status, answer.headers.get('retry-after')]).toEqual([503, '503', '300']);
  expect((await other.post('/Users', aUser('zoe'))).status).toBe(201);
  await setPaused(ada, { paused: false });
  expect((await idp.get('/Users')).body.totalResults).toBe(0);
});

test('too many requests of one token are answered 429 with Retry-After, and another token goes on', async () => {
  const { acme } = await cast();
  const [idp, other] = [await newClient(acme.tenant, 'A'), await newClient(acme.tenant, 'B')];
  await idp.get('/Users');
  await db.execute(sql`update rate_limits set count = ${LIMITS.scimToken.tries}`);
  const { status, headers, body } = await idp.get('/Users');
  expect([status, body.status, headers.get('retry-after')]).toEqual([
    429,
    '429',
    String(LIMITS.scimToken.windowSeconds),
  ]);
  expect((await other.get('/Users')).status).toBe(200);
});

describe('the flight recorder', () => {
  test('keeps what was asked, what was answered and what it means, without secrets', async () => {
    const { acme, globex } = await cast();
    const idp = await newClient(acme.tenant);
    const { body } = await idp.post(
      '/Users',
      aUser('zoe', { password: 'hunter2', phoneNumbers: [{ value: '555-0100' }] }),
    );
    await idp.patch(`/Users/${body.id}`, [
      { op: 'replace', path: 'password', value: 'hunter2' },
      { op: 'add', path: 'phoneNumbers', value: [{ value: '555-0101' }] },
      { op: 'add', value: { password: 'hunter2' } },
    ]);
    await idp.find('userName eq "zoe@idp.example"');
    await idp.find('shoeSize eq "9"');
    const exchanges = await listExchanges(acme.tenant.id);
    expect(exchanges.map(({ method, status, meaning }) => [method, status, meaning])).toEqual([
      ['GET', 400, expect.stringContaining('Refused: The filter cannot be used. There is no attribute “shoeSize”')],
      ['GET', 200, 'Looked for a user: found zoe@idp.example.'],
      ['PATCH', 200, 'Changed zoe@idp.example, active now.'],
      ['POST', 201, 'Created zoe@idp.example.'],
    ]);
    const whole = await Promise.all(exchanges.map(({ id }) => findExchange(acme.tenant.id, id)));
    expect(whole[3]).toMatchObject({
      tokenName: 'Okta',
      targetId: body.id,
      targetLabel: 'zoe@idp.example',
      path: '/Users',
    });
    const kept = JSON.stringify(whole);
    for (const secret of ['hunter2', '555-01', 'rcscim_']) expect(kept).not.toContain(secret);
    expect(kept).toContain('zoe@idp.example');
    expect(await findExchange(globex.tenant.id, String(exchanges[0]?.id))).toBeNull();
    expect(await listExchanges(globex.tenant.id)).toEqual([]);
  });

  test('keeps the last 200 of a tenant, and counts what was refused in the last day', async () => {
    // Otherwise it is one in some that drops what is too old.
    const luck = vi.spyOn(Math, 'random').mockReturnValue(0);
    onTestFinished(() => luck.mockRestore());
    const { acme, globex } = await cast();
    const [idp, other] = [await newClient(acme.tenant), await newClient(globex.tenant)];
    await other.get('/Users/x');
    for (let n = 0; n < KEPT_EXCHANGES + 5; n++) await idp.get(`/Users/${n}`);
    const rows = await db.$count(scimExchanges, eq(scimExchanges.tenantId, acme.tenant.id));
    expect(rows).toBe(KEPT_EXCHANGES);
    expect((await listExchanges(acme.tenant.id))[0]?.path).toBe(`/Users/${KEPT_EXCHANGES + 4}`);
    expect(await statusOf(acme.tenant.id, new Date())).toMatchObject({
      errors: KEPT_EXCHANGES + 5,
      people: 0,
      groups: 0,
      pausedAt: null,
      hasSamlSignIn: false,
    });
    expect((await statusOf(globex.tenant.id, new Date())).errors).toBe(1);
    expect((await statusOf(acme.tenant.id, new Date(Date.now() + 26 * 3_600_000))).errors).toBe(0);
  });

  test('is not filled by whoever holds a token that is dead', async () => {
    const { acme } = await cast();
    const idp = await newClient(acme.tenant);
    await idp.get('/Users/x');
    await revokeToken(operatorOf(acme.tenant), { tokenId: idp.tokenId });
    for (let n = 0; n < LIMITS.scimNoise.tries + 3; n++) expect((await idp.get('/Users')).status).toBe(401);
    const kept = await listExchanges(acme.tenant.id);
    expect(kept.filter(({ status }) => status === 401)).toHaveLength(LIMITS.scimNoise.tries);
    expect(kept.at(-1)?.path).toBe('/Users/x');
  });

  test('keeps the refusal of a token that is dead, and nothing of what names none', async () => {
    const { acme } = await cast();
    const idp = await newClient(acme.tenant);
    await revokeToken(operatorOf(acme.tenant), { tokenId: idp.tokenId });
    await idp.get('/Users');
    expect(await listExchanges(acme.tenant.id)).toMatchObject([
      { status: 401, meaning: 'Refused: This token was revoked.' },
    ]);
  });
});

test('what goes wrong here is 500 in SCIM, says nothing of the inside, and is noted', async () => {
  const { acme } = await cast();
  const idp = await newClient(acme.tenant);
  await idp.post('/Users', aUser('zoe'));
  expectConsoleError(/A SCIM request failed/);
  await db.execute(sql`alter table scim_emails rename to scim_emails_on_fire`);
  const { status, headers, body } = await idp.get('/Users');
  await db.execute(sql`alter table scim_emails_on_fire rename to scim_emails`);
  expect([status, headers.get('content-type')]).toEqual([500, 'application/scim+json; charset=utf-8']);
  expect(JSON.stringify(body)).not.toContain('scim_emails');
  expect((await listExchanges(acme.tenant.id))[0]?.status).toBe(500);
});
