import { Ajv2020 } from 'ajv/dist/2020';
import formats from 'ajv-formats';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GET as readDocument } from '@/app/api/v1/openapi.json/route';
import { db } from '@/db/client';
import { newId } from '@/db/id';
import { apiAnswers } from '@/db/schema/api-keys';
import { auditEntries } from '@/db/schema/audit';
import { rateLimits } from '@/db/schema/rate-limits';
import { users } from '@/db/schema/users';
import { LIMITS } from '@/lib/rate-limit';
import { call, newKey } from '../../support/api';
import { cast, newUser, reread } from '../../support/cast';

/**
 * The document is the contract: each request here goes to the real route handler, each answer is held to the schema that the
 * document gives for it, and at the end every documented answer of every operation has been seen.
 */
type Described = {
  operationId: string;
  responses: Record<string, { content?: Record<string, unknown> }>;
  requestBody?: unknown;
};
type Document = { paths: Record<string, Record<string, Described>>; components: unknown };

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
let document: Document;
const seen = new Set<string>();
const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, it]) => ({ path, method: method.toUpperCase() as 'GET' | 'POST', ...it })),
  );

const typeOf = (status: number) => (status < 400 ? 'application/json' : 'application/problem+json');

/** Asks, and holds the answer to the document. */
async function ask(
  id: string,
  token: string | null,
  userId: string | null,
  asked: Parameters<typeof call>[3] & { query?: string } = {},
) {
  const it = operations().find(({ operationId }) => operationId === id);
  if (!it) throw new Error(`no operation ${id}`);
  const answer = await call(token, it.method, it.path.replace('{id}', userId ?? '') + (asked.query ?? ''), asked);
  const pointer = [
    'paths',
    it.path,
    it.method.toLowerCase(),
    'responses',
    String(answer.status),
    'content',
    typeOf(answer.status),
    'schema',
  ]
    .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/');
  expect(Object.keys(it.responses), `${id} documents ${answer.status} ${JSON.stringify(answer.json)}`).toContain(
    String(answer.status),
  );
  expect(answer.headers.get('content-type')).toBe(typeOf(answer.status));
  const validate = ajv.compile({ $ref: `rollcall.json#/${pointer}` });
  expect(validate(answer.json) || validate.errors, `${id} ${answer.status}`).toBe(true);
  seen.add(`${id} ${answer.status}`);
  return answer;
}

beforeAll(async () => {
  document = (await readDocument().json()) as Document;
  ajv.addSchema({ $id: 'rollcall.json', ...document }, 'rollcall.json');
});

const rowsOf = (json: { data?: unknown }) => json.data as { email: string }[];

const NOBODY = '01900000-0000-7000-8000-000000000000';

async function room() {
  const { acme, globex } = await cast();
  const { token, id: keyId } = await newKey(acme.ada);
  return { acme, globex, token, keyId };
}
type Room = Awaited<ReturnType<typeof room>>;

test('the document is OpenAPI 3.1, and each operation has a name of its own', () => {
  expect(document).toMatchObject({ openapi: '3.1.0', security: [{ apiKey: [] }] });
  const ids = operations().map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBe(13);
});

describe('what is done', () => {
  test('users are listed page by page with the page’s filters, and read', async () => {
    const { acme, token } = await room();
    const emails: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query: string = `?limit=2&sort=lastLogin${cursor ? `&cursor=${cursor}` : ''}`;
      const { json } = await ask('listUsers', token, null, { query });
      emails.push(...rowsOf(json).map(({ email }) => email));
      cursor = json.next ?? null;
    }
    expect(emails.map((email) => email.split('@')[0]).sort()).toEqual(['ada', 'dan', 'grace', 'ivy', 'sam']);
    const { json } = await ask('listUsers', token, null, { query: '?role=tenant_admin&q=gra' });
    expect(json.data).toMatchObject([{ email: acme.grace.email, role: 'tenant_admin' }]);
    expect((await ask('readUser', token, acme.sam.id)).json).toMatchObject({ email: acme.sam.email, status: 'active' });
  });

  test('people are invited, and their invitations listed, resent and revoked', async () => {
    const { token } = await room();
    const body = { email: 'new@x.example', role: 'tenant_admin' };
    const { json } = await ask('invite', token, null, { body });
    const list = await ask('listInvitations', token, null, { query: '?limit=1' });
    const rest = await ask('listInvitations', token, null, { query: `?cursor=${list.json.next}` });
    expect([...rowsOf(list.json), ...rowsOf(rest.json)]).toMatchObject([
      { delivery: 'queued' },
      { email: 'new@x.example', role: 'tenant_admin', userId: json.userId },
    ]);
    expect((await ask('resendInvitation', token, json.userId ?? '')).json.userId).toBe(json.userId);
    await ask('revokeInvitation', token, json.userId ?? '');
    expect(rowsOf((await ask('listInvitations', token, null)).json).length).toBe(1);
  });

  test('roles and access are changed by the page’s own commands', async () => {
    const { acme, token } = await room();
    const { id } = acme.sam;
    await newKey(acme.grace);
    expect((await ask('setRole', token, id, { body: { role: 'tenant_admin' } })).json).toMatchObject({
      role: 'tenant_admin',
    });
    expect((await ask('signOutUser', token, id)).json).toMatchObject({ sessionsEnded: 0 });
    expect((await ask('deactivateUser', token, acme.grace.id)).json).toMatchObject({
      keysRevoked: 1,
      sessionsEnded: 1,
      user: { status: 'deactivated' },
    });
    expect((await ask('reactivateUser', token, acme.grace.id)).json).toMatchObject({ status: 'active' });
    expect((await ask('removeUser', token, id)).json).toMatchObject({ user: { status: 'removed' } });
    expect((await ask('restoreUser', token, id)).json).toMatchObject({ status: 'active' });
  });

  test('the audit log is listed, and says by which key a deed was done', async () => {
    const { acme, token, keyId } = await room();
    await call(token, 'POST', `/users/${acme.dan.id}/reactivate`);
    const { json } = await ask('listAuditEntries', token, null, { query: '?door=api_key&limit=5' });
    expect(json.data).toMatchObject([
      {
        action: 'user.reactivated',
        sentence: expect.stringMatching(/^Ada Acme \(API key “key \d+”\) reactivated Dan Acme$/),
        actor: { id: acme.ada.id, name: 'Ada Acme' },
        target: { id: acme.dan.id },
        apiKey: { id: keyId },
        ip: '192.0.2.9',
      },
    ]);
    const query = `?person=${acme.dan.id}&from=2026-01-01T00:00:00Z&until=2999-01-01T00:00:00Z&limit=1`;
    const first = await ask('listAuditEntries', token, null, { query });
    expect(first.json.next).toBeNull();
  });
});

describe('what is refused, by every operation', () => {
  const forAll = async (
    what: (room: Room) => Promise<{
      token: string | null;
      userId?: string;
      headers?: Record<string, string>;
      status: number;
      only?: 'POST';
    }>,
  ) => {
    const { token, userId, headers = {}, status, only } = await what(await room());
    for (const it of operations()) {
      if (only && it.method !== only) continue;
      if (userId && !it.path.includes('{id}')) continue;
      const body =
        it.operationId === 'setRole' ? { role: 'tenant_admin' } : it.requestBody ? { email: 'z@x.example' } : undefined;
      const answer = await ask(it.operationId, token, userId ?? NOBODY, { body, headers });
      expect([it.operationId, answer.status]).toEqual([it.operationId, status]);
    }
  };

  test('without a key, or with what is none', async () => {
    await forAll(async () => ({ token: null, status: 401 }));
    await forAll(async () => ({ token: 'rckey_x', status: 401 }));
  });

  test('with the key of an admin who was demoted, until they are an admin again', async () => {
    await forAll(async ({ acme, token }) => {
      await db.update(users).set({ role: 'standard_user' }).where(eq(users.id, acme.ada.id));
      return { token, status: 403 };
    });
    const { acme, token } = await room();
    await db.update(users).set({ role: 'standard_user' }).where(eq(users.id, acme.ada.id));
    expect((await call(token, 'GET', '/users')).status).toBe(403);
    await db.update(users).set({ role: 'tenant_admin' }).where(eq(users.id, acme.ada.id));
    expect((await call(token, 'GET', '/users')).status).toBe(200);
  });

  test('too often', async () => {
    await forAll(async ({ token }) => {
      await db.delete(rateLimits);
      await call(token, 'GET', '/users');
      await db.update(rateLimits).set({ count: LIMITS.apiKey.tries });
      return { token, status: 429 };
    });
  });

  test('a user of another tenant, or of none', async () => {
    await forAll(async ({ globex, token }) => ({ token, userId: globex.otto.id, status: 404 }));
    await forAll(async ({ token }) => ({ token, userId: NOBODY, status: 404 }));
    await forAll(async ({ token }) => ({ token, userId: 'not-an-id', status: 404 }));
  });

  test('an Idempotency-Key that is none, of another request, or whose request is under way', async () => {
    await forAll(async ({ token }) => ({ token, headers: { 'idempotency-key': 'a b' }, status: 400, only: 'POST' }));
    await forAll(async ({ acme, token, keyId }) => {
      const own = { tenantId: acme.tenant.id, keyId, idempotencyKey: 'k', createdAt: new Date() };
      await db.insert(apiAnswers).values({ ...own, fingerprint: 'of another', status: 200, body: {} });
      return { token, headers: { 'idempotency-key': 'k' }, status: 422, only: 'POST' };
    });
  });
});

test('what the rules refuse is a conflict with the page’s own sentence', async () => {
  const { acme, token } = await room();
  const refused = async (id: string, userId: string | null, code: string, body?: object) =>
    expect((await ask(id, token, userId, { body })).json, id).toMatchObject({ status: 409, code });
  await refused('deactivateUser', acme.ada.id, 'self');
  await refused('removeUser', acme.ada.id, 'self');
  await refused('reactivateUser', acme.sam.id, 'not-deactivated');
  await refused('restoreUser', acme.sam.id, 'not-removed');
  await refused('signOutUser', acme.dan.id, 'not-active');
  await refused('resendInvitation', acme.sam.id, 'not-invited');
  await refused('revokeInvitation', acme.sam.id, 'not-invited');
  await refused('invite', null, 'already-user', { email: acme.sam.email });
  await db.update(users).set({ roleManagedBy: 'scim' }).where(eq(users.id, acme.sam.id));
  await refused('setRole', acme.sam.id, 'role-managed', { role: 'tenant_admin' });
});

test('a body that is none, too large, of another kind or not valid', async () => {
  const { acme, token } = await room();
  for (const [id, userId] of [
    ['invite', null],
    ['setRole', acme.sam.id],
  ] as const) {
    await ask(id, token, userId, { raw: '{' });
    await ask(id, token, userId, { raw: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    await ask(id, token, userId, { raw: `"${'x'.repeat(70_000)}"` });
    const { json } = await ask(id, token, userId, { body: { role: 'emperor' } });
    expect(json.errors).toContainEqual({ field: 'role', detail: 'Choose a role.' });
    // Nothing is set that was not asked for: a field that is not in the schema is refused.
    const more = { role: 'tenant_admin', email: 'q@x.example', status: 'active', tenantId: NOBODY };
    expect((await ask(id, token, userId, { body: more })).status).toBe(422);
  }
});

test('whatever is sent is read or refused: never left out without a word', async () => {
  const { acme, token } = await room();
  for (const { operationId: id, method, path, requestBody } of operations()) {
    const userId = path.includes('{id}') ? acme.sam.id : null;
    const sent = requestBody ? { body: {} } : {};
    for (const query of ['?nonsense=1', '?limit=1&limit=2'])
      expect([id, query, (await ask(id, token, userId, { ...sent, query })).status]).toEqual([id, query, 422]);
    if (method !== 'POST') continue;
    expect((await ask(id, token, userId, { raw: `"${'x'.repeat(70_000)}"` })).status).toBe(413);
    expect((await ask(id, token, userId, { body: { dryRun: true } })).status).toBe(422);
  }
  expect((await reread(acme.sam)).status).toBe('active');
});

test('a body is UTF-8, and no name is kept as something else', async () => {
  const { token } = await room();
  const raw = Buffer.from('{"email":"jose@x.example","firstName":"José"}', 'latin1');
  expect(await call(token, 'POST', '/invitations', { raw })).toMatchObject({
    status: 400,
    json: { code: 'malformed', detail: 'The body is not UTF-8.' },
  });
});

test('the audit log is followed by its numbers, and what was begun before and committed after is not missed', async () => {
  const { acme, token } = await room();
  const follow = async (after: number, limit = 2) => {
    const { json } = await ask('listAuditEntries', token, null, { query: `?afterNumber=${after}&limit=${limit}` });
    return json.data as unknown as { number: number; id: string }[];
  };
  const early = newId(new Date(Date.now() - 60_000));
  await call(token, 'POST', `/users/${acme.dan.id}/reactivate`);
  const numbers: number[] = [];
  for (let page = await follow(0); page.length > 0; page = await follow(numbers.at(-1) ?? 0))
    numbers.push(...page.map(({ number }) => number));
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  const [sample] = await db.select().from(auditEntries).where(eq(auditEntries.tenantId, acme.tenant.id)).limit(1);
  const { search: _, ...entry } = sample as typeof auditEntries.$inferSelect;
  await db.insert(auditEntries).values({ ...entry, id: early });
  expect(await follow(numbers.at(-1) ?? 0)).toMatchObject([{ id: early, number: numbers.length + 1 }]);
  expect((await follow(0, 100)).map(({ number }) => number)).toEqual([...numbers, numbers.length + 1]);
  for (const query of ['?afterNumber=-1', '?afterNumber=x', '?afterNumber=1&q=a'])
    expect((await ask('listAuditEntries', token, null, { query })).status).toBe(422);
});

test('a time before anything was made is a time', async () => {
  const { token } = await room();
  for (const from of ['0001-01-01T00:00:00Z', '1926-11-25T12:00:00%2B01:00']) {
    const { status, json } = await ask('listAuditEntries', token, null, { query: `?from=${from}` });
    expect([status, rowsOf(json).length > 0]).toEqual([200, true]);
  }
  const { json } = await ask('listAuditEntries', token, null, { query: '?until=1926-11-25T12:00:00Z' });
  expect(json.data).toEqual([]);
});

test('a query that is not understood, or a cursor of another list', async () => {
  const { token } = await room();
  const cursorOf = (at: unknown) => Buffer.from(JSON.stringify(at)).toString('base64url');
  for (const id of ['listUsers', 'listInvitations', 'listAuditEntries']) {
    for (const query of ['?limit=0', '?limit=101', '?limit=1.5', '?cursor=x']) {
      expect([id, query, (await ask(id, token, null, { query })).status]).toEqual([id, query, 422]);
    }
  }
  const byAddress = await ask('listUsers', token, null, { query: '?limit=1' });
  for (const [id, query] of [
    ['listUsers', `?sort=lastLogin&cursor=${cursorOf(['users lastLogin asc', 'never', 'x'])}`],
    ['listUsers', `?sort=status&cursor=${cursorOf(['users status asc', 'active', NOBODY])}`],
    ['listUsers', `?sort=firstName&cursor=${byAddress.json.next}`],
    ['listUsers', `?sort=status&cursor=${byAddress.json.next}`],
    ['listUsers', `?dir=desc&cursor=${byAddress.json.next}`],
    ['listInvitations', `?cursor=${byAddress.json.next}`],
    ['listAuditEntries', `?cursor=${byAddress.json.next}`],
    ['listAuditEntries', `?cursor=${cursorOf(['audit-entries', 'x'])}`],
  ] as const)
    expect([id, query, (await ask(id, token, null, { query })).json]).toEqual([
      id,
      query,
      expect.objectContaining({ status: 422, detail: 'The cursor is not one of this list.' }),
    ]);
});

test('who is invited again stays what they were invited as, unless the new invitation says', async () => {
  const { acme, token } = await room();
  const email = acme.ivy.email;
  const roleAfter = async (body: object) => {
    expect((await ask('invite', token, null, { body })).status).toBe(201);
    return (await reread(acme.ivy)).role;
  };
  expect(await roleAfter({ email, role: 'tenant_admin' })).toBe('tenant_admin');
  expect(await roleAfter({ email })).toBe('tenant_admin');
  expect(await roleAfter({ email, role: 'standard_user' })).toBe('standard_user');
});

test('an address or method that is not there is a problem too', async () => {
  const { acme, token } = await room();
  expect(await call(token, 'GET', '/nothing')).toMatchObject({ status: 404, json: { code: 'no-such-address' } });
  expect((await call(null, 'GET', '/nothing')).status).toBe(401);
  expect((await call(token, 'GET', '')).status).toBe(404);
  const answer = await call(token, 'DELETE', `/users/${acme.sam.id}`);
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
  await newUser(acme.tenant, 'more');
});

afterAll(() => {
  const documented = operations().flatMap(({ operationId, responses }) =>
    Object.keys(responses).map((status) => `${operationId} ${status}`),
  );
  expect(
    // 500 and 503 take a failure: tests/faults/database-lost.test.ts.
    documented.filter((each) => !seen.has(each) && !/ 50[03]$/.test(each)),
    'documented answers that no test has produced',
  ).toEqual([]);
});
