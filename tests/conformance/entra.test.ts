import { afterAll, beforeAll, expect, test } from 'vitest';
import { findSession } from '@/lib/sessions/find';
import { findUser } from '@/lib/users/find';
import { newTenant, signedIn } from '../support/cast';
import { type Client, ENTERPRISE_SCHEMA, GROUP_SCHEMA, newToken, scimServer, USER_SCHEMA } from '../support/scim';

/**
 * The conversation that Entra ID's provisioning service holds, in its order, over a socket (learn.microsoft.com: "Develop
 * and plan provisioning for a SCIM endpoint", "Known issues with SCIM 2.0 compliance").
 */
let server: Awaited<ReturnType<typeof scimServer>>;
let entra: Client;
let tenantId = '';

beforeAll(async () => {
  server = await scimServer();
  const tenant = await newTenant();
  tenantId = tenant.id;
  entra = server.client((await newToken(tenant, 'Entra ID')).token);
});
afterAll(() => server.stop());

const MAIL = 'jyoung@testuser.example';
const jyoung = {
  schemas: [USER_SCHEMA, ENTERPRISE_SCHEMA],
  externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
  userName: 'Test_User_ab6490ee',
  active: true,
  addresses: [{ primary: false, type: 'work', country: 'US', formatted: '123 Main', locality: 'Redmond' }],
  displayName: 'lennay',
  emails: [{ primary: true, type: 'work', value: MAIL }],
  meta: { resourceType: 'User' },
  name: { formatted: 'givenName familyName', familyName: 'familyName', givenName: 'givenName' },
  phoneNumbers: [{ primary: true, type: 'work', value: '555-0100' }],
  preferredLanguage: 'xx-XX',
  roles: [],
  title: 'Manager',
  [ENTERPRISE_SCHEMA]: { department: 'Tour Operations', employeeNumber: '701984' },
};
let id = '';
let groupId = '';

test('“Test Connection” asks for a name that nobody has', async () => {
  const { status, body } = await entra.find('userName eq "b6c1f3a2-non-existent-user"');
  expect(status).toBe(200);
  expect(body).toMatchObject({ totalResults: 0, Resources: [], startIndex: 1, itemsPerPage: 0 });
});

test('it discovers the schemas', async () => {
  const { status, body } = await entra.get('/Schemas');
  expect(status).toBe(200);
  expect(body.Resources.map((schema: { id: string }) => schema.id)).toEqual([
    USER_SCHEMA,
    GROUP_SCHEMA,
    ENTERPRISE_SCHEMA,
  ]);
});

test('it creates with the enterprise extension, which is given back', async () => {
  const { status, body } = await entra.post('/Users', jyoung);
  expect(status).toBe(201);
  id = body.id;
  const { meta, roles: _, ...sent } = jyoung;
  expect(body).toMatchObject({ ...sent, meta });
  // The name is no address, so the person signs in by the address that was sent.
  expect(await findUser(tenantId, id)).toMatchObject({ email: MAIL, scimUserName: 'Test_User_ab6490ee' });
});

test('it finds them by name, by external id and by work address', async () => {
  for (const filter of [
    'userName eq "test_user_AB6490EE"',
    `externalId eq "${jyoung.externalId}"`,
    `emails[type eq "work"].value eq "${MAIL}"`,
    `externalId eq "${jyoung.externalId}" and active eq true`,
  ])
    expect((await entra.find(filter)).body).toMatchObject({ totalResults: 1, Resources: [{ id }] });
});

test('it changes many attributes by one PATCH, with capitals and value paths', async () => {
  const { status, body } = await entra.patch(`/Users/${id}`, [
    { op: 'Replace', path: 'emails[type eq "work"].value', value: 'updated@testuser.example' },
    { op: 'Replace', path: 'name.familyName', value: 'updatedFamilyName' },
    { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '555-0101' },
    { op: 'Replace', path: 'phoneNumbers[type eq "fax"].value', value: '555-0102' },
    { op: 'Add', path: `${ENTERPRISE_SCHEMA}:manager`, value: 'c4d1e6a0' },
    { op: 'Replace', path: `${ENTERPRISE_SCHEMA}:department`, value: 'Sales' },
    { op: 'Add', path: 'roles', value: [{ value: 'Admin', primary: 'True' }] },
  ]);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    emails: [{ type: 'work', value: 'updated@testuser.example', primary: true }],
    name: { familyName: 'updatedFamilyName', givenName: 'givenName' },
    phoneNumbers: [{ value: '555-0100' }, { type: 'mobile', value: '555-0101' }, { type: 'fax', value: '555-0102' }],
    roles: [{ value: 'Admin', primary: true }],
    [ENTERPRISE_SCHEMA]: { department: 'Sales', employeeNumber: '701984', manager: { value: 'c4d1e6a0' } },
  });
  expect(await findUser(tenantId, id)).toMatchObject({
    email: 'updated@testuser.example',
    lastName: 'updatedFamilyName',
    role: 'standard_user',
  });
});

test('it changes the name, and what it says twice is said once', async () => {
  const operations = [{ op: 'Replace', path: 'userName', value: 'new_name@testuser.example' }];
  const { body } = await entra.patch(`/Users/${id}`, operations);
  expect(body.userName).toBe('new_name@testuser.example');
  const again = await entra.patch(`/Users/${id}`, operations);
  expect(again.body.meta).toEqual(body.meta);
});

test.each([
  ['"False" as text', [{ op: 'Replace', path: 'active', value: 'False' }]],
  ['a list around it', [{ op: 'Replace', path: 'active', value: [{ value: 'False' }] }]],
  ['without a path', [{ op: 'Replace', value: { active: 'False' } }]],
  ['a true boolean', [{ op: 'replace', path: 'active', value: false }]],
] as const)('it soft-deletes with %s, and the session is dead before the answer', async (_, operations) => {
  const user = await findUser(tenantId, id);
  if (!user) throw new Error('gone');
  const { token } = await signedIn(user);
  const { status, body } = await entra.patch(`/Users/${id}`, operations);
  expect([status, body.active]).toEqual([200, false]);
  expect(await findSession(token)).toBeNull();
  expect((await entra.patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: 'True' }])).body.active).toBe(
    true,
  );
});

test('it creates a group, and asks for it without its members', async () => {
  expect(
    (await entra.get(`/Groups?excludedAttributes=members&filter=${encodeURIComponent('displayName eq "displayName"')}`))
      .body.totalResults,
  ).toBe(0);
  const made = await entra.post('/Groups', {
    schemas: [GROUP_SCHEMA, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
    externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
    displayName: 'displayName',
    meta: { resourceType: 'Group' },
  });
  expect(made.status).toBe(201);
  groupId = made.body.id;
  const found = await entra.get(
    `/Groups?excludedAttributes=members&filter=${encodeURIComponent('displayName eq "DisplayName"')}`,
  );
  expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ id: groupId, externalId: made.body.externalId }] });
});

test('it renames it, adds and removes members, and asks whether somebody is in it', async () => {
  const path = `/Groups/${groupId}`;
  expect((await entra.patch(path, [{ op: 'Replace', path: 'displayName', value: 'New name' }])).status).toBe(204);
  expect((await entra.patch(path, [{ op: 'Add', path: 'members', value: [{ $ref: null, value: id }] }])).status).toBe(
    204,
  );
  // Said again.
  expect((await entra.patch(path, [{ op: 'Add', path: 'members', value: [{ value: id }] }])).status).toBe(204);
  const isIn = `id eq "${groupId}" and members eq "${id}"`;
  expect((await entra.find(isIn, '/Groups')).body.totalResults).toBe(1);
  expect((await entra.get(`${path}?excludedAttributes=members`)).body).not.toHaveProperty('members');
  expect((await entra.get(path)).body.members).toMatchObject([{ value: id }]);
  expect(
    (await entra.patch(path, [{ op: 'Remove', path: 'members', value: [{ $ref: null, value: id }] }])).status,
  ).toBe(204);
  expect((await entra.patch(path, [{ op: 'Remove', path: `members[value eq "${id}"]` }])).status).toBe(204);
  expect((await entra.find(isIn, '/Groups')).body.totalResults).toBe(0);
});

test('it deletes both for good, and may create the same person again', async () => {
  expect((await entra.remove(`/Groups/${groupId}`)).status).toBe(204);
  expect((await entra.remove(`/Users/${id}`)).status).toBe(204);
  expect((await entra.get(`/Users/${id}`)).status).toBe(404);
  expect((await entra.patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: 'True' }])).status).toBe(404);
  expect((await entra.remove(`/Users/${id}`)).status).toBe(404);
  const again = await entra.post('/Users', { ...jyoung, userName: 'new_name@testuser.example' });
  expect(again.status).toBe(201);
  expect(again.body.id).not.toBe(id);
});
