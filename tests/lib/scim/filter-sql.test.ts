import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { users } from '@/db/schema/users';
import { matches, parseFilter } from '@/lib/scim/filter';
import { filterSql, GROUP_PLACES, USER_PLACES } from '@/lib/scim/filter-sql';
import { isKept } from '@/lib/scim/find';
import { GROUP_TYPE, USER_TYPE } from '@/lib/scim/schema';
import { newTenant } from '../../support/cast';
import { fc, times as runs } from '../../support/fuzz';
import { aGroup, aUser, type Client, newClient } from '../../support/scim';

type Json = Record<string, unknown>;
let tenantId = '';
let idp: Client;
let people: Json[] = [];
let teams: Json[] = [];

const WORDS = ['ada', 'ADA', 'bo', 'Bo%', 'c_c', 'd\\d', 'é', 'Żo', 'ada@a.example', 'z', ''];

beforeAll(async () => {
  const tenant = await newTenant();
  tenantId = tenant.id;
  idp = await newClient(tenant);
  const made: Json[] = [];
  for (const [i, word] of WORDS.entries()) {
    const emails = [
      [
        { value: `${i}@a.example`, type: 'work', primary: true },
        { value: `Home${i}@b.example`, type: 'home' },
      ],
      [{ value: `ada${i}@a.example` }],
      [
        { value: `${i}@a.example`, type: 'Work', display: word },
        { value: `x${i}@c.example`, primary: true },
      ],
    ][i % 3];
    const user = {
      userName: `${word || 'none'}${i}`,
      ...(i % 2 ? { externalId: `Ext${word}` } : {}),
      ...(i % 4 ? { name: { givenName: word, ...(i % 3 ? { familyName: `${word}Fam` } : {}) } } : {}),
      ...(i % 3 === 1 ? { displayName: word } : {}),
      active: i % 5 !== 0,
      emails,
    };
    const { status, body } = await idp.post('/Users', user);
    expect([user.userName, status]).toEqual([user.userName, 201]);
    made.push(body);
  }
  for (const [i, name] of ['Admins', 'ada', 'é', 'c_c%'].entries()) {
    const members = made.filter((_, k) => k % (i + 2) === 0).map(({ id }) => String(id));
    await idp.post('/Groups', { ...aGroup(name, members), ...(i % 2 ? { externalId: `G${i}` } : {}) });
  }
  // Somebody of another tenant, somebody local and somebody removed are never found.
  await (await newClient(await newTenant('Globex'))).post('/Users', aUser('ada'));
  const gone = (await idp.post('/Users', aUser('gone'))).body;
  await idp.remove(`/Users/${gone.id}`);
  people = (await idp.get('/Users?count=500')).body.Resources;
  teams = (await idp.get('/Groups?count=500')).body.Resources;
});

const text = fc.constantFrom(...WORDS, 'fam', 'ext', 'work', 'example', 'Extbo', 'ada3@a.example', 'a', '_', '%');
const literal = text.map((word) => JSON.stringify(word));
const textOperator = fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le', 'EQ', 'Co');
const timeOperator = fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le');

const onText = (...names: string[]) =>
  fc.oneof(
    fc.tuple(fc.constantFrom(...names), textOperator, literal).map((words) => words.join(' ')),
    fc.constantFrom(...names).map((name) => `${name} pr`),
    fc.constantFrom(...names).map((name) => `${name} eq null`),
  );

const combined = (leaf: fc.Arbitrary<string>) =>
  fc.letrec<{ filter: string }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      fc
        .tuple(tie('filter'), fc.constantFrom('and', 'or', 'AND'), tie('filter'))
        .map(([a, op, b]) => `(${a}) ${op} (${b})`),
      tie('filter').map((inner) => `not (${inner})`),
    ),
  })).filter;

const emailFilter = combined(
  fc.oneof(
    onText('value', 'type', 'display'),
    fc.tuple(fc.constantFrom('eq', 'ne'), fc.boolean()).map(([op, value]) => `primary ${op} ${value}`),
    fc.constant('primary pr'),
  ),
);

const times = fc.constantFrom(...['2020-01-01T00:00:00Z', '2100-01-01T00:00:00Z']);
const userFilter = combined(
  fc.oneof(
    onText('userName', 'externalId', 'displayName', 'name.givenName', 'name.familyName', 'id'),
    onText('emails', 'emails.value', 'emails.type', 'emails.display'),
    fc.tuple(fc.constantFrom('eq', 'ne'), fc.boolean()).map(([op, value]) => `active ${op} ${value}`),
    fc
      .tuple(fc.constantFrom('meta.created', 'meta.lastModified'), timeOperator, times)
      .map(([a, op, at]) => `${a} ${op} "${at}"`),
    emailFilter.map((inner) => `emails[${inner}]`),
    fc.tuple(emailFilter, textOperator, literal).map(([inner, op, value]) => `emails[${inner}].value ${op} ${value}`),
    fc.constantFrom('groups pr', 'groups.value sw "0"', 'groups[value pr]'),
  ),
);

/** Bounded as at the door; what is over the bounds is another test. */
const readable = (type: typeof USER_TYPE) => (filter: string) => {
  try {
    return Boolean(parseFilter(type, filter));
  } catch {
    return false;
  }
};

describe('a filter as SQL means what it means of the resource', () => {
  test('for people', async () => {
    let hits = 0;
    await fc.assert(
      fc.asyncProperty(userFilter.filter(readable(USER_TYPE)), async (filter) => {
        const parsed = parseFilter(USER_TYPE, filter);
        const expected = people.filter((person) => matches(parsed, person)).map(({ id }) => id);
        const found = await db
          .select({ id: users.id })
          .from(users)
          .where(sql`${isKept(tenantId)} and ${filterSql(USER_PLACES, parsed)}`)
          .orderBy(users.id);
        hits += expected.length;
        expect(found.map(({ id }) => id)).toEqual(expected.sort());
      }),
      { numRuns: runs(400) },
    );
    expect(hits).toBeGreaterThan(200);
  });

  test('for times, to the millisecond', async () => {
    for (const person of people) {
      const { created, lastModified } = person.meta as { created: string; lastModified: string };
      for (const [name, at] of Object.entries({ 'meta.created': created, 'meta.lastModified': lastModified })) {
        for (const op of ['eq', 'ne', 'gt', 'ge', 'lt', 'le']) {
          const parsed = parseFilter(USER_TYPE, `${name} ${op} "${at}"`);
          const found = await idp.find(`${name} ${op} "${at}"`);
          const expected = people.filter((each) => matches(parsed, each)).length;
          expect([name, op, found.body.totalResults]).toEqual([name, op, expected]);
        }
      }
    }
  });

  test('for groups', async () => {
    const memberIds = teams.flatMap(({ members }) => (members as { value: string }[]) ?? []).map(({ value }) => value);
    const groupFilter = combined(
      fc.oneof(
        onText('displayName', 'externalId', 'id'),
        fc.constantFrom(
          'members pr',
          ...memberIds.flatMap((id) => [`members eq "${id}"`, `members[value ne "${id}"]`]),
        ),
      ),
    );
    await fc.assert(
      fc.asyncProperty(groupFilter.filter(readable(GROUP_TYPE)), async (filter) => {
        const parsed = parseFilter(GROUP_TYPE, filter);
        const expected = teams.filter((team) => matches(parsed, team)).map(({ id }) => id);
        const { body } = await idp.find(filter, '/Groups');
        expect((body.Resources as Json[]).map(({ id }) => id)).toEqual(expected.sort());
      }),
      { numRuns: runs(150) },
    );
    expect(filterSql(GROUP_PLACES, parseFilter(GROUP_TYPE, 'id pr'))).toBeDefined();
  });
});

test.each([
  'title eq "x"',
  'nickName pr',
  'name.formatted eq "x"',
  'phoneNumbers.value eq "1"',
  'name.middleName pr',
  'emails.primary gt true',
  'groups.display eq "x"',
  'schemas eq "x"',
  'shoeSize pr',
])('what has no index, or is nothing we know, is refused and not answered by everybody: %s', async (filter) => {
  const { status, body } = await idp.find(filter);
  expect([status, body.scimType]).toEqual([400, 'invalidFilter']);
});

test('the filters that identity providers send before each create are index look-ups', async () => {
  await db.execute(sql`analyze users`);
  for (const filter of [
    'userName eq "ada0"',
    'externalId eq "Extbo"',
    'emails[type eq "work"].value eq "0@a.example"',
  ]) {
    const condition = filterSql(USER_PLACES, parseFilter(USER_TYPE, filter));
    const plan = await db.transaction(async (tx) => {
      // A table of a dozen rows is read whole otherwise.
      await tx.execute(sql`set local enable_seqscan = off`);
      const lines = await tx.execute<{ 'QUERY PLAN': string }>(
        sql`explain select id from users where ${isKept(tenantId)} and ${condition}`,
      );
      return lines.map((line) => line['QUERY PLAN']).join('\n');
    });
    expect(plan).toMatch(/Index Cond: .*(scim_key|scim_external_id|value_key) = /);
  }
});
