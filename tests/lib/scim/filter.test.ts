import { describe, expect, test } from 'vitest';
import { MOST_COMPARISONS, MOST_DEPTH, matches, parseFilter } from '@/lib/scim/filter';
import { GROUP_TYPE, USER_TYPE } from '@/lib/scim/schema';

const ada = {
  id: '1',
  userName: 'Ada@Idp.example',
  externalId: 'Ext-1',
  name: { givenName: 'Ada', familyName: 'O\'Neill "the first"' },
  title: 'Countess',
  active: true,
  emails: [
    { value: 'ada@work.example', type: 'work', primary: true },
    { value: 'ada@home.example', type: 'home' },
  ],
  meta: { created: '2026-01-02T03:04:05.678Z' },
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Engines', manager: { value: '7' } },
};

/** RFC 7644, 3.4.2.2, tables 3 to 6 and its examples. */
describe.each([
  ['userName eq "ada@idp.example"', true],
  ['USERNAME EQ "ADA@IDP.EXAMPLE"', true],
  ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ada"', true],
  ['externalId eq "ext-1"', false],
  ['externalId eq "Ext-1"', true],
  ['userName ne "ada@idp.example"', false],
  ['nickName ne "x"', true],
  ['userName co "IDP"', true],
  ['userName sw "idp"', false],
  ['userName ew ".example"', true],
  ['userName gt "ada"', true],
  ['userName ge "ada@idp.example"', true],
  ['userName lt "ada@idp.example"', false],
  ['userName le "ada@idp.example"', true],
  ['meta.created gt "2026-01-02T03:04:05.677Z"', true],
  ['meta.created ge "2026-01-02T04:04:05.678+01:00"', true],
  ['meta.created lt "2026-01-02T03:04:05.678Z"', false],
  ['title pr', true],
  ['nickName pr', false],
  ['emails pr', true],
  ['active eq true', true],
  ['active eq "False"', false],
  ['nickName eq null', true],
  ['title ne null', true],
  ['name.familyName co "\\"the first\\""', true],
  ['name.familyName co "O\\u0027Neill"', true],
  ['emails.value eq "ADA@home.example"', true],
  ['emails eq "ada@home.example"', true],
  ['emails[type eq "work" and value co "@work"]', true],
  // One and the same address, not one of each.
  ['emails[type eq "work" and value co "@home"]', false],
  ['emails[type eq "work"].value eq "ada@home.example"', false],
  ['emails[type eq "home"].value co "HOME"', true],
  ['emails[not (type eq "work")]', true],
  ['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "engines"', true],
  ['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "7"', true],
  ['title pr and userName sw "x" or active eq true', true],
  ['title pr and (userName sw "x" or active eq false)', false],
  ['active eq true or title pr and nickName pr', true],
  ['not (active eq true)', false],
  ['not(nickName pr) and not (userName eq "x")', true],
] as const)('%s', (filter, expected) => {
  test(`is ${expected} of Ada`, () => expect(matches(parseFilter(USER_TYPE, filter), ada)).toBe(expected));
});

test.each([
  'shoeSize eq "9"',
  'name.shoeSize eq "9"',
  'urn:unknown:User:userName eq "x"',
  'userName',
  'userName eq',
  'userName like "x"',
  'userName eq x',
  'userName eq 1',
  'userName eq "x',
  'userName eq "x\\q"',
  'userName eq "x\u0000"',
  'userName eq "x\\u0000"',
  'userName eq "x" and',
  'userName eq "x" xor active eq true',
  'userName eq "x" userName eq "y"',
  '(userName eq "x"',
  'userName eq "x")',
  'not userName eq "x"',
  'name eq "x"',
  'emails[type eq "work"',
  'emails[shoe eq "x"]',
  'emails[type eq "work"].shoe eq "x"',
  'userName[type eq "x"]',
  'active gt true',
  'active eq "perhaps"',
  'active co "t"',
  'meta.created co "2026"',
  'meta.created gt "yesterday"',
  '{}',
  '',
])('is refused as invalidFilter: %s', (filter) => {
  expect(() => parseFilter(USER_TYPE, filter)).toThrow(
    expect.objectContaining({ status: 400, scimType: 'invalidFilter' }),
  );
});

describe('is bounded', () => {
  const nested = (depth: number) => `${'('.repeat(depth)}title pr${')'.repeat(depth)}`;
  const long = (comparisons: number) => Array.from({ length: comparisons }, () => 'title pr').join(' or ');

  test('in depth', () => {
    expect(() => parseFilter(USER_TYPE, nested(MOST_DEPTH - 1))).not.toThrow();
    expect(() => parseFilter(USER_TYPE, nested(MOST_DEPTH))).toThrow('deeper');
    expect(() => parseFilter(USER_TYPE, nested(1_500))).toThrow('deeper');
  });

  test('in comparisons and characters', () => {
    expect(() => parseFilter(USER_TYPE, long(MOST_COMPARISONS))).not.toThrow();
    expect(() => parseFilter(USER_TYPE, long(MOST_COMPARISONS + 1))).toThrow('comparisons');
    expect(() => parseFilter(USER_TYPE, `title eq "${'x'.repeat(5_000)}"`)).toThrow('characters');
  });

  test('in time: what looks like a string and never ends is read once', () => {
    const began = performance.now();
    expect(() => parseFilter(USER_TYPE, `title eq "${'\n\\'.repeat(1_900)}`)).toThrow();
    expect(performance.now() - began).toBeLessThan(200);
  });
});

test('a group is asked for by its own attributes', () => {
  const group = { displayName: 'Admins', members: [{ value: 'a' }, { value: 'b' }] };
  expect(matches(parseFilter(GROUP_TYPE, 'displayName eq "ADMINS" and members eq "b"'), group)).toBe(true);
  expect(matches(parseFilter(GROUP_TYPE, 'members[value eq "c"]'), group)).toBe(false);
  expect(() => parseFilter(GROUP_TYPE, 'userName eq "x"')).toThrow();
});
