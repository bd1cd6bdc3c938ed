import { beforeAll, beforeEach, expect, test } from 'vitest';
import { DELETE, GET, POST, PUT } from '@/app/api/v1/[[...path]]/route';
import { db } from '@/db/client';
import { rateLimits } from '@/db/schema/rate-limits';
import { handleScim } from '@/lib/scim/door';
import { newKey } from '../support/api';
import { type Cast, cast, newTenant } from '../support/cast';
import { fc, times } from '../support/fuzz';
import { connect, honest, post, postBody } from '../support/saml-idp';
import { newToken } from '../support/scim';

/**
 * Whatever is sent to the doors of machines, each answer is an ordinary one: in time, of the door's own kind, no failure of
 * ours (a line on the error log fails a test too), and nothing of another tenant in it.
 */
const SLOW_MS = 5_000;
const HOSTILE = [
  '',
  '\0',
  '../',
  '%00',
  "'; drop table users; --",
  '__proto__',
  'constructor',
  '$ref',
  '\u202e',
  '\ud800',
  'x'.repeat(5_000),
  '9'.repeat(400),
  '-0',
  'NaN',
  '[]',
  '(((((((((',
];
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom(...HOSTILE));
const json = fc.oneof(fc.jsonValue({ maxDepth: 4 }), text);

let people: Cast;
let elsewhere: string[];

beforeAll(async () => {
  people = await cast();
  const { tenant, mallory, otto } = people.globex;
  elsewhere = [tenant.id, tenant.slug, mallory.email, otto.email];
});
// Limits are proven elsewhere; here each request is to reach what is behind them.
beforeEach(() => db.delete(rateLimits).then(() => undefined));

async function expectOrdinary(what: unknown, answering: () => Promise<Response>): Promise<Response> {
  const began = performance.now();
  const answer = await answering();
  const said = await answer.clone().text();
  const seen = { what, status: answer.status, said: said.slice(0, 500) };
  // 501 is SCIM's word for what it does not offer.
  expect(answer.status < 500 || answer.status === 501, JSON.stringify(seen)).toBe(true);
  expect(performance.now() - began, JSON.stringify(seen)).toBeLessThan(SLOW_MS);
  for (const secret of elsewhere) expect(said, JSON.stringify(seen)).not.toContain(secret);
  return answer;
}

/** Half a character has no bytes: it comes as JSON's escape alone. */
const whole = (value: string) => value.replace(/\p{Cs}/gu, '?');
const sendable = (value: string) => value.replace(/[^\t\x20-\xff]/g, '?').trim();
const pathOf = (parts: string[]) => parts.map((part) => encodeURIComponent(whole(part))).join('/');
const queryOf = (query: Record<string, string>) =>
  new URLSearchParams(Object.entries(query).map(([name, value]) => [name, whole(value)])).toString();

test('SCIM', async () => {
  const { acme, globex } = people;
  const { token } = await newToken(acme.tenant);
  const ids = [acme.sam.id, globex.otto.id, '01900000-0000-7000-8000-000000000000', 'nobody'];
  const path = fc.oneof(
    fc.tuple(fc.constantFrom('Users', 'Groups', 'Schemas', 'ResourceTypes'), fc.oneof(fc.constantFrom(...ids), text)),
    fc.tuple(fc.constantFrom('Users', 'Groups', 'Bulk', 'Me', 'ServiceProviderConfig', '.search')),
    fc.array(text, { maxLength: 4 }),
  );
  const comparison = fc
    .tuple(
      fc.constantFrom('userName', 'emails[type eq "work"].value', 'name.givenName', 'active', 'meta.created', 'x:y'),
      fc.constantFrom('eq', 'ne', 'co', 'sw', 'gt', 'pr', 'xx', ''),
      fc.oneof(
        json.map((value) => JSON.stringify(value)),
        text,
      ),
    )
    .map((parts) => parts.join(' '));
  const filter = fc.oneof(
    text,
    comparison,
    fc.tuple(comparison, comparison).map(([a, b]) => `not (${a}) and (${b})`),
  );
  const query = fc.record(
    {
      filter,
      attributes: text,
      excludedAttributes: text,
      sortBy: text,
      sortOrder: text,
      startIndex: text,
      count: text,
      cursor: text,
    },
    { requiredKeys: [] },
  );
  const operation = fc.record(
    { op: fc.oneof(fc.constantFrom('add', 'Replace', 'remove'), json), path: fc.oneof(filter, json), value: json },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    json,
    fc.record({ schemas: json, Operations: fc.oneof(fc.array(operation, { maxLength: 5 }), json) }),
    fc.record(
      { userName: json, emails: json, name: json, active: json, members: json, displayName: json, externalId: json },
      { requiredKeys: [] },
    ),
  );
  const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS');
  const match = fc.option(text, { nil: undefined });
  await fc.assert(
    fc.asyncProperty(method, path, query, body, match, async (method, parts, query, body, match) => {
      const hasBody = !['GET', 'HEAD', 'DELETE', 'OPTIONS'].includes(method);
      const url = `http://rollcall.test/api/scim/v2/${pathOf(parts)}?${queryOf(query)}`;
      const request = new Request(url, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/scim+json',
          ...(match ? { 'if-match': sendable(match) } : {}),
        },
        ...(hasBody ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
      });
      const answer = await expectOrdinary({ method, url, body }, () => handleScim(request));
      if (answer.status >= 400 && method !== 'HEAD')
        expect(await answer.json()).toMatchObject({ status: String(answer.status) });
    }),
    { numRuns: times(400) },
  );
});

test('the API', async () => {
  const { acme, globex } = people;
  const { token } = await newKey(acme.grace);
  const ids = [acme.sam.id, globex.otto.id, '01900000-0000-7000-8000-000000000000', 'nobody'];
  const verbs = ['set-role', 'sign-out', 'deactivate', 'reactivate', 'remove', 'restore', 'resend-invitation', 'x'];
  const path = fc.oneof(
    fc.tuple(fc.constant('users'), fc.oneof(fc.constantFrom(...ids), text), fc.constantFrom(...verbs)),
    fc.tuple(fc.constantFrom('users', 'invitations', 'audit-entries')),
    fc.array(text, { maxLength: 4 }),
  );
  const query = fc.record(
    { q: text, status: text, role: text, sort: text, dir: text, size: text, limit: text, cursor: text, from: text },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    json,
    fc.record({ email: json, role: json, firstName: json, tenantId: json, status: json }, { requiredKeys: [] }),
  );
  const methods = { GET, POST, PUT, DELETE };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE') as fc.Arbitrary<keyof typeof methods>,
      path,
      query,
      body,
      fc.option(text, { nil: undefined }),
      async (method, parts, query, body, key) => {
        const url = `http://rollcall.test/api/v1/${pathOf(parts)}?${queryOf(query)}`;
        const request = new Request(url, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            ...(key ? { 'idempotency-key': sendable(key) } : {}),
          },
          ...(method === 'GET' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        });
        const answer = await expectOrdinary({ method, url, body }, () => methods[method](request));
        if (answer.status >= 400) expect(await answer.json()).toMatchObject({ status: answer.status });
      },
    ),
    { numRuns: times(300) },
  );
});

const CHUNKS = [
  '<saml:Assertion>',
  '</saml:Assertion>',
  '<!--x-->',
  '<![CDATA[x]]>',
  '<!DOCTYPE x [<!ENTITY y "z">]>',
  '&y;',
  '&#0;',
  '&#xD800;',
  ' ID="x"',
  ' xmlns="x"',
  '<ds:Signature/>',
  '<a>'.repeat(300),
  '\0',
  '<',
  '"',
];

test('the assertion consumer service, with honest answers that were tampered with', async () => {
  const tenant = await newTenant('Fuzzed');
  const connection = await connect(tenant, { jit: true });
  const { xml } = honest({ tenant, connection });
  const edit = fc.tuple(fc.nat(xml.length), fc.nat(200), fc.oneof(fc.constantFrom(...CHUNKS), text));
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
      const tampered = edits.reduce((so, [at, cut, put]) => so.slice(0, at) + put + so.slice(at + cut), xml);
      fc.pre(tampered.trim() !== xml);
      const answer = await expectOrdinary(edits, () => post(tenant, tampered));
      expect([400, 403, 413, 429]).toContain(answer.status);
      await db.delete(rateLimits);
    }),
    { numRuns: times(150) },
  );
});

test('the assertion consumer service, with anything', async () => {
  const tenant = await newTenant('Anything');
  await connect(tenant, { jit: true });
  const type = fc.constantFrom('application/x-www-form-urlencoded', 'application/json', 'multipart/form-data', '');
  await fc.assert(
    fc.asyncProperty(text, text, type, async (name, value, type) => {
      const body = `SAMLResponse=${encodeURIComponent(whole(value))}&${encodeURIComponent(whole(name))}=%`;
      const answer = await expectOrdinary({ name, value, type }, () => postBody(tenant, body, type));
      expect([400, 403, 413, 429]).toContain(answer.status);
      await db.delete(rateLimits);
    }),
    { numRuns: times(80) },
  );
});
