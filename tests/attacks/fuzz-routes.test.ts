import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { db } from '@/db/client';
import { rateLimits } from '@/db/schema/rate-limits';
import { env } from '@/lib/env';
import { findRoutes, type Route, routeFiles } from '../support/doors';
import { fc, oneAfterAnother, times } from '../support/fuzz';
import { type Fields, formOf, HOSTILE, type Knows, sendable, text, toFormData } from '../support/hostile';
import { HERE, inNextRequest, requestTo } from '../support/next-request';
import { type Caller, newElsewhere, newRoom, type Room } from '../support/room';
import {
  closeEyes,
  expectNothingTold,
  expectWholeChain,
  inTime,
  lookAround,
  shown,
  withoutWhatWasGiven,
} from '../support/unharmed';

/**
 * Every route handler, with queries, headers, paths and bodies of anybody's making. Whatever comes, the answer is an ordinary
 * one that tells nothing and leads nowhere else, and nobody else has lost anything by it.
 */
const routes = await findRoutes();

/** Where an answer leads away from us: to the identity provider that the tenant's admin named. */
const LEADS_AWAY: Record<string, RegExp> = { 'GET /api/saml/[tenant]/login': /^https:\/\/idp\.example\/sso/ };
/** Whose they are is said by an address, in whichever tenant it is. */
const BY_ADDRESS = ['/api/auth/[...nextauth]'];
const SEGMENTS = [
  ...['users', 'invitations', 'audit-entries', 'remove', 'set-role', 'sign-out', 'Users', 'Groups', '.search', 'Me'],
  ...[
    'signin',
    'signout',
    'callback',
    'credentials',
    'session',
    'csrf',
    'providers',
    '_log',
    'error',
    'verify-request',
  ],
];

const RUNS: Record<Caller['name'], number> = { 'an admin': 12, 'a stranger': 6 };

let elsewhere: Awaited<ReturnType<typeof newElsewhere>>;
let calls = 0;
beforeAll(async () => {
  env().METRICS_TOKEN = 'a-token-of-the-tests-which-nobody-knows';
  process.env.NEXTAUTH_URL = HERE;
  elsewhere = await newElsewhere();
});
// Limits are proven elsewhere; here each call is to reach what is behind them.
beforeEach(() => db.delete(rateLimits).then(() => undefined));
afterAll(async () => {
  await closeEyes();
  console.log(`${calls} calls of ${routes.length} route handlers`);
});

test('every route handler is found', () => {
  expect(routes.length).toBeGreaterThan(20);
  const found = new Set(routes.map(({ page }) => page));
  expect(found.size, 'each file answers to something').toBe(routeFiles.length);
});

test.each([...new Set(routes.map(({ page }) => page))])('the handlers of %s', async (page) => {
  const room = await newRoom(elsewhere);
  for (const route of routes.filter((each) => each.page === page))
    for (const caller of room.callers) await fuzz(route, room, caller);
  await expectWholeChain(room);
});

async function fuzz(route: Route, room: Room, caller: Caller): Promise<void> {
  const expectUnharmed = await lookAround(room, caller, BY_ADDRESS.includes(route.page));
  const fields = fc
    .subarray(route.words, { maxLength: Math.min(6, route.words.length) })
    .chain((names) => formOf(new Map(names.map((name) => [name, {}])), caller.knows));
  await fc.assert(
    fc.asyncProperty(
      pathOf(route.page, room, caller.knows),
      fields,
      bodyOf(fields),
      headersOf(room, caller),
      async ({ path, params }, query, { body, type, given }, headers) => {
        const what = `${route.name} by ${caller.name}: ${shown({ path, query, type, given, headers })}`;
        const search = new URLSearchParams(query.map(([name, value]) => [name, String(value).slice(0, 4_000)]));
        const withBody = ['POST', 'PUT', 'PATCH'].includes(route.method);
        const request = requestTo(`${path}?${search}`, {
          method: route.method,
          headers: { ...headers, ...(withBody && type !== null ? { 'content-type': type } : {}) },
          body: withBody ? body : null,
          cookie: [await caller.cookie(), headers.cookie].filter(Boolean).join('; '),
        });
        const { ending } = await inTime(what, () =>
          inNextRequest(`${route.page}/route`, request, (asked) =>
            route.call(asked, { params: Promise.resolve(params) }),
          ),
        );
        calls++;
        if ('status' in ending) expect([403, 404], what).toContain(ending.status);
        else if ('to' in ending) expect(ending.to, what).toMatch(/^\/(?!\/)/);
        else await expectOrdinary(what, ending.value as Response, route, room, caller, [...query, ...given]);
        await expectUnharmed(what);
      },
    ),
    { numRuns: times(RUNS[caller.name] ?? 2), ...oneAfterAnother(`${route.name} ${caller.name}`) },
  );
}

async function expectOrdinary(
  what: string,
  answer: Response,
  route: Route,
  room: Room,
  caller: Caller,
  given: Fields,
): Promise<void> {
  // 501 is SCIM's word for what it does not offer.
  expect(answer.status < 500 || answer.status === 501, `${what} is answered ${answer.status}`).toBe(true);
  const to = answer.headers.get('location');
  if (to !== null && !LEADS_AWAY[route.name]?.test(to)) expect([what, new URL(to, HERE).origin]).toEqual([what, HERE]);
  const said = `${await answer.text()}\n${JSON.stringify([...answer.headers])}`;
  expectNothingTold(what, withoutWhatWasGiven(said, given), room, caller);
}

/** Half a character has no bytes. */
const whole = (value: string) => value.slice(0, 2_000).replace(/\p{Cs}/gu, '?');

function pathOf(page: string, { tenant, elsewhere }: Room, { ids }: Knows) {
  const slugs = fc.constantFrom(tenant.slug, tenant.slug, elsewhere.tenant.slug, tenant.slug.toUpperCase());
  const segment = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...SEGMENTS) },
    { weight: 2, arbitrary: fc.constantFrom(...Object.values(ids).flat()) },
    { weight: 1, arbitrary: text.map(whole) },
  );
  const one = (name: string) => {
    const likely = name === 'tenant' ? slugs : fc.constantFrom(...(ids[name.replace(/Id$/, '')] ?? SEGMENTS));
    return fc.oneof({ weight: 3, arbitrary: likely }, { weight: 1, arbitrary: text.map(whole) });
  };
  const parts = page.split('/').map((part) => {
    const [, rest, name = ''] = /^\[?\[(\.\.\.)?(\w+)\]\]?$/.exec(part) ?? [];
    if (!name) return fc.constant({ part, param: [] as [string, string | string[]][] });
    return rest
      ? fc.array(segment, { minLength: part.startsWith('[[') ? 0 : 1, maxLength: 4 }).map((value) => ({
          part: value.map(encodeURIComponent).join('/'),
          param: [[name, value]] as [string, string[]][],
        }))
      : one(name).map((value) => ({ part: encodeURIComponent(value), param: [[name, value]] as [string, string][] }));
  });
  return fc.tuple(...parts).map((each) => ({
    path: each.map(({ part }) => part).join('/'),
    params: Object.fromEntries(each.flatMap(({ param }) => param)),
  }));
}

type Body = { body: BodyInit; type: string | null; given: Fields };

function bodyOf(fields: fc.Arbitrary<Fields>): fc.Arbitrary<Body> {
  const urlencoded = 'application/x-www-form-urlencoded';
  const types = fc.constantFrom(
    ...[urlencoded, 'multipart/form-data', 'multipart/form-data; boundary=x', 'application/json', 'text/plain', ''],
    ...['application/scim+json', 'a/b; charset=utf-16', 'x'],
  );
  return fc.oneof(
    { weight: 4, arbitrary: fields.map((given): Body => ({ body: encoded(given), type: urlencoded, given })) },
    { weight: 2, arbitrary: fields.map((given): Body => ({ body: toFormData(given), type: null, given })) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fields, types)
        .map(([given, type]): Body => ({ body: JSON.stringify(Object.fromEntries(given)), type, given })),
    },
    { weight: 2, arbitrary: fc.tuple(text, types).map(([body, type]): Body => ({ body, type, given: [['', body]] })) },
  );
}

const encoded = (given: Fields) =>
  new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString().slice(0, 300_000);

function headersOf({ furnished }: Room, { name, knows }: Caller): fc.Arbitrary<Record<string, string>> {
  const own = name === 'an admin' ? [furnished.key.token, furnished.scimToken.token] : [];
  const line = fc.constantFrom(...HOSTILE.map(sendable));
  const authorization = fc.oneof(
    fc.constantFrom(...own, ...knows.tokens).map((token) => `Bearer ${token}`),
    line,
    line.map((value) => `Bearer ${value}`.trim()),
  );
  const zone = line.map((value) => `tz=${encodeURIComponent(value)}; next-auth.csrf-token=${value.slice(0, 200)}`);
  return fc.record(
    {
      authorization,
      cookie: zone,
      'user-agent': line,
      'accept-language': line,
      accept: fc.oneof(line, fc.constant('application/json')),
      'if-match': line,
      'idempotency-key': line,
      'x-forwarded-for': line,
      'x-forwarded-host': line,
      origin: line,
      'x-auth-return-redirect': fc.constant('1'),
    },
    { requiredKeys: [] },
  );
}
