import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { newId } from '@/db/id';
import { apiAnswers, apiKeys } from '@/db/schema/api-keys';
import { users } from '@/db/schema/users';
import { createApiKey } from '@/lib/api-keys/create';
import { findKey, listKeys } from '@/lib/api-keys/find';
import { revokeApiKey } from '@/lib/api-keys/revoke';
import { tidy } from '@/lib/housekeeping';
import { invite } from '@/lib/invitations/invite';
import { deactivate, reactivate } from '@/lib/users/deactivate';
import { remove, restore } from '@/lib/users/remove';
import { forceSignOut } from '@/lib/users/sign-out';
import { call, newKey } from '../../support/api';
import { actorOf, aged, cast, FROM_TEST, reread } from '../../support/cast';
import { race } from '../../support/race';
import { trailOf } from '../../support/trail';

const find = (token: string, now?: Date) => findKey(`Bearer ${token}`, FROM_TEST, now);
const keyRow = async (id: string) => (await db.select().from(apiKeys).where(eq(apiKeys.id, id)))[0];

describe('a key', () => {
  test('is in the answer and nowhere else: not in its row, and not in the log', async () => {
    const { acme } = await cast();
    const { id, token } = await newKey(acme.ada);
    const random = token.slice('rckey_'.length, -'_123456'.length);
    const row = await keyRow(id);
    expect(JSON.stringify(row)).not.toContain(random);
    expect(JSON.stringify(await trailOf(acme.ada))).not.toContain(random);
    expect(row?.hint).toBe(`rckey_…${random.slice(-4)}`);
    expect((await trailOf(acme.ada))[0]).toMatchObject({ action: 'api-key.created', details: { keyId: id } });
  });

  test('acts as its creator, with the role they have now', async () => {
    const { acme } = await cast();
    const { id, token } = await newKey(acme.ada);
    expect(await find(token)).toMatchObject({ kind: 'api_key', userId: acme.ada.id, keyId: id, role: 'tenant_admin' });
    await db.update(users).set({ role: 'standard_user' }).where(eq(users.id, acme.ada.id));
    expect(await find(token)).toMatchObject({ role: 'standard_user' });
  });

  test('is none with a wrong letter, as a SCIM token, in a cookie’s place or when it has run out', async () => {
    const { acme } = await cast();
    const { token } = await newKey(acme.ada, 30);
    const wrong = token.replace(/_(.)/, (_, letter) => `_${letter === 'A' ? 'B' : 'A'}`);
    for (const given of [wrong, token.replace('rckey', 'rcscim'), '', 'x']) expect(await find(given)).toBeNull();
    expect(await findKey(token, FROM_TEST)).toBeNull();
    expect(await findKey(null, FROM_TEST)).toBeNull();
    const day = 86_400_000;
    expect(await find(token, new Date(Date.now() + 29 * day))).not.toBeNull();
    expect(await find(token, new Date(Date.now() + 31 * day))).toBeNull();
  });

  test('notes its use once a minute', async () => {
    const { acme } = await cast();
    const { id, token } = await newKey(acme.ada);
    expect((await keyRow(id))?.lastUsedAt).toBeNull();
    const at = (seconds: number) => new Date(Date.now() + seconds * 1000);
    const [first, second, third] = [at(0), at(59), at(61)];
    await find(token, first);
    await find(token, second);
    expect((await keyRow(id))?.lastUsedAt).toEqual(first);
    await find(token, third);
    expect((await keyRow(id))?.lastUsedAt).toEqual(third);
  });

  test('has a name that is live once, and is free again after a revocation', async () => {
    const { acme, globex } = await cast();
    const ada = await actorOf(acme.ada);
    const make = () => createApiKey(ada, { name: 'Deploy', days: null });
    const made = await race([make, make, make]);
    expect(made.filter(({ ok }) => ok)).toHaveLength(1);
    expect(made.filter(({ ok }) => !ok)[0]).toEqual({ ok: false, refusal: 'key-name-taken' });
    expect((await createApiKey(await actorOf(globex.mallory), { name: 'deploy', days: 30 })).ok).toBe(true);
    const [key] = await listKeys(acme.tenant.id);
    await revokeApiKey(ada, { keyId: key?.id ?? '' });
    expect((await make()).ok).toBe(true);
  });

  test('is made by admins only, who have proven just now who they are, and one who was signed out a second ago makes none', async () => {
    const { acme } = await cast();
    const input = { name: 'x', days: null };
    expect(await createApiKey(await actorOf(acme.sam), input)).toEqual({ ok: false, refusal: 'not-allowed' });
    const ada = await actorOf(acme.ada);
    await aged(ada.sessionId);
    expect(await createApiKey(ada, input)).toEqual({ ok: false, refusal: 'proof-needed' });
    const grace = await actorOf(acme.grace);
    await forceSignOut(await actorOf(acme.ada), { userId: acme.grace.id });
    expect(await createApiKey(grace, input)).toEqual({ ok: false, refusal: 'not-allowed' });
  });
});

describe('a key ends', () => {
  test('with its creator’s access, in the same transaction, and does not come back', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const deeds = [
      [deactivate, reactivate],
      [remove, restore],
    ] as const;
    for (const [end, undo] of deeds) {
      const { token } = await newKey(acme.grace);
      expect(await end(ada, { userId: acme.grace.id })).toMatchObject({ ok: true, value: { keysRevoked: 1 } });
      expect((await trailOf(acme.grace))[0]?.details).toMatchObject({ keysRevoked: 1 });
      expect(await find(token)).toBeNull();
      await undo(ada, { userId: acme.grace.id });
      expect((await reread(acme.grace)).status).toBe('active');
      expect(await find(token)).toBeNull();
    }
  });

  test('even where nobody revoked its row: the look-up joins on an active creator', async () => {
    const { acme } = await cast();
    const { token } = await newKey(acme.grace);
    await db.update(users).set({ status: 'deactivated' }).where(eq(users.id, acme.grace.id));
    expect(await find(token)).toBeNull();
  });

  test('between the look-up and the deed: the command asks again', async () => {
    const { acme } = await cast();
    const { id, token } = await newKey(acme.grace);
    const key = await find(token);
    if (!key) throw new Error('no key');
    await revokeApiKey(await actorOf(acme.ada), { keyId: id });
    expect(await deactivate(key, { userId: acme.sam.id })).toEqual({ ok: false, refusal: 'not-allowed' });

    const other = await find((await newKey(acme.grace)).token);
    await db.update(users).set({ role: 'standard_user' }).where(eq(users.id, acme.grace.id));
    if (!other) throw new Error('no key');
    expect(await deactivate(other, { userId: acme.sam.id })).toEqual({ ok: false, refusal: 'not-allowed' });
    expect((await reread(acme.sam)).status).toBe('active');
  });

  test('by any admin of the tenant, and leaves an entry with its creator', async () => {
    const { acme } = await cast();
    const { id, token } = await newKey(acme.grace);
    const ada = await actorOf(acme.ada);
    expect(await revokeApiKey(ada, { keyId: id })).toMatchObject({ ok: true });
    expect(await find(token)).toBeNull();
    expect((await trailOf(acme.grace))[0]).toMatchObject({ action: 'api-key.revoked', actorId: acme.ada.id });
    expect(await revokeApiKey(ada, { keyId: id })).toEqual({ ok: false, refusal: 'key-not-found' });
  });

  test('not by somebody of another tenant, nor by a standard user', async () => {
    const { acme, globex } = await cast();
    const { id, token } = await newKey(acme.ada);
    expect(await revokeApiKey(await actorOf(globex.mallory), { keyId: id })).toEqual({
      ok: false,
      refusal: 'key-not-found',
    });
    expect(await revokeApiKey(await actorOf(acme.sam), { keyId: id })).toEqual({ ok: false, refusal: 'not-allowed' });
    expect(await find(token)).not.toBeNull();
    expect((await listKeys(globex.tenant.id)).length).toBe(0);
  });
});

test('nobody deactivates or removes themself by a key of their own', async () => {
  const { acme } = await cast();
  const key = await find((await newKey(acme.ada)).token);
  if (!key) throw new Error('no key');
  expect(await deactivate(key, { userId: acme.ada.id })).toEqual({ ok: false, refusal: 'self' });
  expect(await remove(key, { userId: acme.ada.id })).toEqual({ ok: false, refusal: 'self' });
});

test('an invitation by a key names its creator', async () => {
  const { acme } = await cast();
  const key = await find((await newKey(acme.ada)).token);
  if (!key) throw new Error('no key');
  await invite(key, { email: 'n@x.example', firstName: '', lastName: '', role: 'standard_user' });
  const { json } = await call((await newKey(acme.ada)).token, 'GET', '/invitations');
  expect(json.data).toContainEqual(expect.objectContaining({ email: 'n@x.example', invitedBy: 'Ada Acme' }));
});

test('the schema refuses a key that names a user of another tenant', async () => {
  const { acme, globex } = await cast();
  const row = { id: newId(), tenantId: acme.tenant.id, userId: globex.otto.id, name: 'x', tokenHash: 'x', hint: 'x' };
  await expect(db.insert(apiKeys).values({ ...row, createdAt: new Date() })).rejects.toThrow();
});

describe('a POST with an Idempotency-Key', () => {
  const body = { email: 'new@x.example' };
  const headers = { 'idempotency-key': 'order-66' };
  test('is done once, however often it is sent, and answered the same', async () => {
    const { acme } = await cast();
    const { token } = await newKey(acme.ada);
    const first = await call(token, 'POST', '/invitations', { body, headers });
    const again = await call(token, 'POST', '/invitations', { body, headers });
    expect([first.status, first.json.again, first.headers.get('idempotency-replayed')]).toEqual([201, false, null]);
    expect(again.json).toEqual(first.json);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    const other = { 'idempotency-key': 'order-67' };
    expect((await call(token, 'POST', '/invitations', { body, headers: other })).json.again).toBe(true);
  });

  test('and at the same moment it is one deed with one answer', async () => {
    const { acme } = await cast();
    const { token } = await newKey(acme.ada);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => call(token, 'POST', '/invitations', { body, headers })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect(new Set(answers.map(({ json }) => JSON.stringify(json))).size).toBe(1);
    const { json } = await call(token, 'GET', '/audit-entries?door=api_key');
    expect((json.data as unknown as { action: string }[]).map(({ action }) => action)).toEqual(['user.invited']);
  });

  test('for something else is refused, and another key’s is its own', async () => {
    const { acme, globex } = await cast();
    const { token } = await newKey(acme.ada);
    await call(token, 'POST', '/invitations', { body, headers });
    const other = await call(token, 'POST', '/invitations', { body: { email: 'b@x.example' }, headers });
    expect([other.status, other.json.code]).toEqual([422, 'idempotency-key-reused']);
    const elsewhere = await newKey(globex.mallory);
    expect(
      (await call(elsewhere.token, 'POST', '/invitations', { body: { email: 'b@x.example' }, headers })).status,
    ).toBe(201);
  });

  test('whose process died is not done again, and told so', async () => {
    const { acme } = await cast();
    const { id, token } = await newKey(acme.ada);
    await call(token, 'POST', '/invitations', { body, headers });
    await db.update(apiAnswers).set({ status: null, body: null }).where(eq(apiAnswers.keyId, id));
    const answer = await call(token, 'POST', '/invitations', { body, headers });
    expect([answer.status, answer.json.code]).toEqual([409, 'in-progress']);
  });

  test('is forgotten after a day', async () => {
    const { acme } = await cast();
    const { id, token } = await newKey(acme.ada);
    await call(token, 'POST', '/invitations', { body, headers });
    const kept = () => db.select().from(apiAnswers).where(eq(apiAnswers.keyId, id));
    await tidy();
    expect(await kept()).toHaveLength(1);
    await tidy(new Date(Date.now() + 86_400_000 + 1000));
    expect(await kept()).toEqual([]);
  });
});
