import { describe, expect, test } from 'vitest';
import { applyPatch, MOST_OPERATIONS, readPatch } from '@/lib/scim/patch';
import { USER_TYPE } from '@/lib/scim/schema';
import { readResource } from '@/lib/scim/value';
import { fc, times as runs } from '../../support/fuzz';
import { ENTERPRISE_SCHEMA } from '../../support/scim';

const ADA = {
  userName: 'ada',
  name: { givenName: 'Ada', familyName: 'Byron' },
  active: true,
  emails: [
    { value: 'w@a.example', type: 'work', primary: true },
    { value: 'h@a.example', type: 'home' },
  ],
};
const patched = (...operations: unknown[]) => applyPatch(ADA, readPatch(USER_TYPE, { Operations: operations }));

/** RFC 7644, 3.5.2.1 to 3.5.2.3, and what identity providers make of it. */
test.each([
  ['add to a single value', { op: 'add', path: 'title', value: 'T' }, { title: 'T' }],
  ['replace a single value', { op: 'replace', path: 'userName', value: 'bo' }, { userName: 'bo' }],
  ['replace with null is remove', { op: 'replace', path: 'active', value: null }, { active: undefined }],
  ['remove a part', { op: 'remove', path: 'name.givenName' }, { name: { familyName: 'Byron' } }],
  ['remove a whole', { op: 'remove', path: 'name' }, { name: undefined }],
  [
    'the parts not named stay',
    { op: 'replace', path: 'name', value: { givenName: 'B' } },
    { name: { givenName: 'B', familyName: 'Byron' } },
  ],
  [
    'add to a list',
    { op: 'add', path: 'emails', value: [{ value: 'x@a.example' }] },
    { emails: [...ADA.emails, { value: 'x@a.example' }] },
  ],
  ['add what is there already', { op: 'add', path: 'emails', value: [ADA.emails[1]] }, { emails: ADA.emails }],
  [
    'replace a list',
    { op: 'replace', path: 'emails', value: [{ value: 'x@a.example' }] },
    { emails: [{ value: 'x@a.example' }] },
  ],
  ['replace a list by nothing', { op: 'replace', path: 'emails', value: [] }, { emails: undefined }],
  ['add nothing to a list', { op: 'add', path: 'emails', value: [] }, { emails: ADA.emails }],
  ['the same without a path', { op: 'Add', value: { emails: [] } }, { emails: ADA.emails }],
  ['add a value without anything in it', { op: 'add', path: 'emails', value: [{}] }, { emails: ADA.emails }],
  ['add null to a list', { op: 'add', path: 'emails', value: null }, { emails: ADA.emails }],
  ['remove a list by null, which is no value', { op: 'remove', path: 'emails', value: null }, { emails: undefined }],
  ['remove nothing of a list', { op: 'remove', path: 'emails', value: [] }, { emails: ADA.emails }],
  ['remove a list', { op: 'remove', path: 'emails' }, { emails: undefined }],
  ['remove a chosen value', { op: 'remove', path: 'emails[type eq "home"]' }, { emails: [ADA.emails[0]] }],
  [
    'remove a part of a chosen value',
    { op: 'remove', path: 'emails[type eq "work"].primary' },
    { emails: [{ value: 'w@a.example', type: 'work' }, ADA.emails[1]] },
  ],
  [
    'replace a part of a chosen value',
    { op: 'replace', path: 'emails[type eq "work"].value', value: 'n@a.example' },
    { emails: [{ ...ADA.emails[0], value: 'n@a.example' }, ADA.emails[1]] },
  ],
  [
    'replace a chosen value whole',
    { op: 'replace', path: 'emails[type eq "home"]', value: { value: 'n@a.example' } },
    { emails: [ADA.emails[0], { value: 'n@a.example' }] },
  ],
  [
    'a new primary takes the place of the old',
    { op: 'add', path: 'emails', value: [{ value: 'x@a.example', primary: true }] },
    { emails: [{ ...ADA.emails[0], primary: false }, ADA.emails[1], { value: 'x@a.example', primary: true }] },
  ],
  [
    'also by its part',
    { op: 'replace', path: 'emails[type eq "home"].primary', value: true },
    {
      emails: [
        { ...ADA.emails[0], primary: false },
        { ...ADA.emails[1], primary: true },
      ],
    },
  ],
  [
    'without a path',
    { op: 'replace', value: { title: 'T', name: { givenName: 'B' } } },
    { title: 'T', name: { givenName: 'B', familyName: 'Byron' } },
  ],
  [
    'by a URN',
    { op: 'add', path: `${ENTERPRISE_SCHEMA}:department`, value: 'D' },
    { [ENTERPRISE_SCHEMA]: { department: 'D' } },
  ],
  [
    'the extension whole',
    { op: 'add', path: ENTERPRISE_SCHEMA, value: { department: 'D' } },
    { [ENTERPRISE_SCHEMA]: { department: 'D' } },
  ],
  [
    'deep in the extension',
    { op: 'add', path: `${ENTERPRISE_SCHEMA}:manager.value`, value: '7' },
    { [ENTERPRISE_SCHEMA]: { manager: { value: '7' } } },
  ],
  // Entra ID
  ['capitals and "False" as text', { op: 'Replace', path: 'active', value: 'False' }, { active: false }],
  ['names in any case', { OP: 'Replace', PATH: 'ACTIVE', VALUE: 'True' }, { active: true }],
  ['a single value wrapped in a list', { op: 'Replace', path: 'title', value: [{ value: 'T' }] }, { title: 'T' }],
  [
    'an address that is not there yet',
    { op: 'Add', path: 'emails[type eq "other"].value', value: 'o@a.example' },
    { emails: [...ADA.emails, { type: 'other', value: 'o@a.example' }] },
  ],
  [
    'the same said as Replace',
    { op: 'Replace', path: 'emails[type eq "other"].value', value: 'o@a.example' },
    { emails: [...ADA.emails, { type: 'other', value: 'o@a.example' }] },
  ],
  [
    'a compare with "True" as text',
    { op: 'Add', path: 'roles[primary eq "True"].value', value: 'R' },
    { roles: [{ primary: true, value: 'R' }] },
  ],
  [
    'paths as names, without a path',
    { op: 'Add', value: { 'name.givenName': 'B', [`${ENTERPRISE_SCHEMA}:department`]: 'D' } },
    { name: { givenName: 'B', familyName: 'Byron' }, [ENTERPRISE_SCHEMA]: { department: 'D' } },
  ],
  [
    'the manager as a bare id',
    { op: 'Add', path: `${ENTERPRISE_SCHEMA}:manager`, value: '7' },
    { [ENTERPRISE_SCHEMA]: { manager: { value: '7' } } },
  ],
  [
    'a removal by value',
    { op: 'Remove', path: 'emails', value: [{ value: 'h@a.example' }] },
    { emails: [ADA.emails[0]] },
  ],
  ['a removal of what is not there', { op: 'Remove', path: 'emails[type eq "other"]' }, {}],
  // Okta
  ['deactivation without a path', { op: 'replace', value: { active: false } }, { active: false }],
  [
    'read-only names in a value are passed over',
    { op: 'replace', value: { id: 'x', meta: {}, groups: [], title: 'T' } },
    { title: 'T' },
  ],
  [
    'of an extension that is not kept nothing is',
    { op: 'add', path: 'urn:ietf:params:scim:schemas:extension:Own:2.0:User:tag', value: 'x' },
    {},
  ],
  [
    'a name of the extension needs no URN before it',
    { op: 'Add', path: 'department', value: 'Sales' },
    { 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': expect.objectContaining({ department: 'Sales' }) },
  ],
  ['a password is not kept', { op: 'replace', path: 'password', value: 'secret' }, {}],
  ['nor without a path', { op: 'add', value: { password: 'secret' } }, {}],
] as const)('%s', (_, operation, expected) => {
  const result = patched(operation);
  for (const [name, value] of Object.entries({ ...ADA, ...expected }))
    expect([name, result[name]]).toEqual([name, value]);
  expect(Object.keys(result).sort()).toEqual(
    Object.entries({ ...ADA, ...expected })
      .filter(([, value]) => value !== undefined)
      .map(([name]) => name)
      .sort(),
  );
});

test.each([
  ['noTarget', { op: 'replace', path: 'emails[type eq "other"].value', value: 'x' }],
  ['noTarget', { op: 'remove', path: 'emails[type eq "other"]' }],
  ['noTarget', { op: 'remove' }],
  ['invalidPath', { op: 'add', path: 'shoeSize', value: 9 }],
  ['invalidPath', { op: 'add', path: 'name.shoeSize', value: 9 }],
  ['invalidPath', { op: 'add', path: '__proto__.polluted', value: 'x' }],
  ['invalidPath', { op: 'add', path: 'emails[type eq "work"].shoe', value: 'x' }],
  ['invalidPath', { op: 'add', path: 'userName[type eq "work"]', value: 'x' }],
  ['invalidPath', { op: 'add', path: 7, value: 'x' }],
  ['invalidFilter', { op: 'add', path: 'emails[type xx "work"].value', value: 'x' }],
  ['mutability', { op: 'replace', path: 'id', value: 'x' }],
  ['mutability', { op: 'add', path: 'groups', value: [{ value: 'x' }] }],
  ['mutability', { op: 'replace', path: 'meta.created', value: '2026-01-01T00:00:00Z' }],
  ['invalidSyntax', { op: 'move', path: 'title', value: 'x' }],
  ['invalidSyntax', { path: 'title', value: 'x' }],
  ['invalidSyntax', 'replace'],
  ['invalidValue', { op: 'add', path: 'title' }],
  ['invalidValue', { op: 'add', value: 'x' }],
  ['invalidValue', { op: 'replace', path: 'active', value: 'perhaps' }],
  ['invalidValue', { op: 'replace', path: 'name', value: 'x' }],
  ['invalidValue', { op: 'replace', path: 'title', value: { a: 1 } }],
  ['invalidValue', { op: 'replace', path: 'title', value: 'a\u0000b' }],
  [
    'invalidValue',
    {
      op: 'replace',
      path: 'emails',
      value: [
        { value: 'a', primary: true },
        { value: 'b', primary: 'True' },
      ],
    },
  ],
] as const)('is refused as %s: %j', (scimType, operation) => {
  expect(() => patched(operation)).toThrow(expect.objectContaining({ status: 400, scimType }));
});

test('needs operations, and not too many', () => {
  for (const body of [null, [], {}, { Operations: [] }, { Operations: 'x' }])
    expect(() => readPatch(USER_TYPE, body)).toThrow(expect.objectContaining({ scimType: 'invalidSyntax' }));
  const many = Array.from({ length: MOST_OPERATIONS + 1 }, () => ({ op: 'add', path: 'title', value: 'T' }));
  expect(() => readPatch(USER_TYPE, { operations: many })).toThrow(expect.objectContaining({ scimType: 'tooMany' }));
});

describe('whatever the operations are', () => {
  const value = fc.oneof(fc.string(), fc.boolean(), fc.constantFrom('True', 'False', null), fc.object({ maxDepth: 2 }));
  const path = fc.constantFrom(
    'title',
    'active',
    'name',
    'name.givenName',
    'emails',
    'emails[type eq "work"]',
    'emails[type eq "x"].value',
    'emails.value',
    'emails[primary eq true].primary',
    `${ENTERPRISE_SCHEMA}:department`,
    ENTERPRISE_SCHEMA,
    '__proto__',
    'constructor.prototype',
    'roles',
    undefined,
  );
  const email = fc.record(
    { value: fc.string(), type: fc.constantFrom('work', 'home', 'x'), primary: fc.boolean() },
    { requiredKeys: [] },
  );
  const operation = fc.oneof(
    fc.record(
      { op: fc.constantFrom('add', 'replace', 'remove', 'Add', 'Replace', 'Remove'), path, value },
      { requiredKeys: ['op'] },
    ),
    fc.record({
      op: fc.constantFrom('add', 'Replace'),
      path: fc.constantFrom('emails', 'emails[type eq "work"]'),
      value: fc.oneof(email, fc.array(email, { maxLength: 3 })),
    }),
    fc.record({
      op: fc.constantFrom('add', 'replace'),
      path: fc.constantFrom('emails[type eq "home"].primary', 'emails[type eq "work"].primary'),
      value: fc.boolean(),
    }),
  );
  const resultOf = (operations: unknown[]) => {
    try {
      return patched(...operations);
    } catch (error) {
      // The only way out is a refusal in SCIM's words.
      expect(error).toMatchObject({ status: 400, scimType: expect.any(String) });
      return null;
    }
  };
  const each = (check: (result: Record<string, unknown>, operations: unknown[]) => void, numRuns = 2_000) =>
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 5 }), (operations) => {
        const result = resultOf(operations);
        if (result) check(result, operations);
      }),
      { numRuns: runs(numRuns) },
    );

  test('the resource given stays as it is, and nothing else is touched', () => {
    const before = structuredClone(ADA);
    each(() => {
      expect(ADA).toEqual(before);
      expect(Object.keys(Object.prototype)).toEqual([]);
    });
  });

  test('the result is a resource by the schema: reading it again changes nothing', () => {
    each((result) => expect(readResource(USER_TYPE, JSON.parse(JSON.stringify(result)))).toEqual(result));
  });

  test('at most one address is primary', () => {
    each(({ emails }) =>
      expect(((emails ?? []) as { primary?: boolean }[]).filter(({ primary }) => primary).length).toBeLessThan(2),
    );
  });

  test('replacing and removing twice is the same as once', () => {
    // A chosen value may be no longer the one that the path names.
    const idempotent = operation.filter(({ op, path }) => !/add/i.test(op) && !path?.includes('['));
    fc.assert(
      fc.property(idempotent, (one) => {
        const once = resultOf([one]);
        const twice = resultOf([
          { ...one, op: one.op.charAt(0).toUpperCase() + one.op.slice(1) },
          { ...one, op: one.op.charAt(0).toUpperCase() + one.op.slice(1) },
        ]);
        if (once && twice) expect(twice).toEqual(once);
      }),
      { numRuns: runs(2_000) },
    );
  });

  test('one after the other is the same as together', () => {
    fc.assert(
      fc.property(operation, operation, (first, second) => {
        const together = resultOf([first, second]);
        const one = resultOf([first]);
        if (!together || !one) return;
        expect(applyPatch(one, readPatch(USER_TYPE, { Operations: [second] }))).toEqual(together);
      }),
      { numRuns: runs(2_000) },
    );
  });
});
