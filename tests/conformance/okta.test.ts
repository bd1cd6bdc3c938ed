import { afterAll, beforeAll, expect, test } from 'vitest';
import { findSession } from '@/lib/sessions/find';
import { findUser } from '@/lib/users/find';
import { newTenant, signedIn } from '../support/cast';
import { type Client, newToken, scimServer, USER_SCHEMA } from '../support/scim';

/**
 * The conversation that Okta holds with an app of its SCIM 2.0 template, in its order, over a socket
 * (developer.okta.com: "Okta and SCIM Version 2.0", "Test your SCIM API").
 */
let server: Awaited<ReturnType<typeof scimServer>>;
let okta: Client;
let tenantId = '';

beforeAll(async () => {
  server = await scimServer();
  const tenant = await newTenant();
  tenantId = tenant.id;
  okta = server.client((await newToken(tenant)).token);
});
afterAll(() => server.stop());

const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const dade = {
  schemas: [USER_SCHEMA],
  userName: 'dade@hackers.example',
  name: { givenName: 'Dade', familyName: 'Murphy' },
  emails: [{ primary: true, value: 'dade@hackers.example', type: 'work' }],
  displayName: 'Dade Murphy',
  locale: 'en-US',
  externalId: '00ujl29u0le5T6Aj10h7',
  groups: [],
  password: '1mz050nq',
  active: true,
};
let id = '';
let groupId = '';

test('it tries the connection: a page of users, and somebody who is not there', async () => {
  const all = await okta.get('/Users?startIndex=1&count=2');
  expect(all.status).toBe(200);
  expect(all.headers.get('content-type')).toMatch(/^application\/scim\+json/);
  expect(all.body).toEqual({ schemas: [LIST], totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] });
  const nobody = await okta.get('/Users/00919288221112222');
  expect(nobody.status).toBe(404);
  expect(nobody.body).toMatchObject({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: '404',
    detail: expect.any(String),
  });
});

test('without its token, or with a wrong one, it is nobody', async () => {
  for (const authorization of ['', 'Bearer wrong', 'Basic eDp5', `Bearer rcscim_${'x'.repeat(43)}_abcdef`]) {
    const { status, headers, body } = await okta.get('/Users', { headers: { authorization } });
    expect([status, body.status]).toEqual([401, '401']);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(headers.get('content-type')).toMatch(/^application\/scim\+json/);
  }
});

test('before each create it looks the name up', async () => {
  const path = `/Users?filter=${encodeURIComponent('userName eq "dade@hackers.example"')}&startIndex=1&count=100`;
  expect((await okta.get(path)).body.totalResults).toBe(0);
});

test('it creates: 201, Location, the whole resource, and no password', async () => {
  const { status, headers, body } = await okta.post('/Users', dade);
  expect(status).toBe(201);
  id = body.id;
  expect(headers.get('location')).toBe(`http://rollcall.test/api/scim/v2/Users/${id}`);
  expect(body).toMatchObject({
    userName: dade.userName,
    name: dade.name,
    emails: dade.emails,
    externalId: dade.externalId,
    active: true,
    locale: 'en-US',
  });
  expect(JSON.stringify(body)).not.toContain('1mz050nq');
  expect(await findUser(tenantId, id)).toMatchObject({
    status: 'active',
    samlEnabled: true,
    profileManagedBy: 'scim',
    passwordHash: null,
  });
});

test('it finds whom it made, in any letter case, and reads them', async () => {
  const found = await okta.find('userName eq "DADE@hackers.example"');
  expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ id }] });
  expect((await okta.get(`/Users/${id}`)).body.meta).toMatchObject({
    resourceType: 'User',
    location: expect.stringContaining(id),
  });
});

test('the same name again is a conflict', async () => {
  for (const userName of [dade.userName, dade.userName.toUpperCase()]) {
    const { status, body } = await okta.post('/Users', {
      ...dade,
      userName,
      emails: [{ value: 'other@hackers.example' }],
    });
    expect([status, body.scimType]).toEqual([409, 'uniqueness']);
  }
});

test('it updates a profile by GET and PUT of the whole', async () => {
  const { body: before } = await okta.get(`/Users/${id}`);
  const { status, body } = await okta.put(`/Users/${id}`, {
    ...before,
    name: { givenName: 'Dade', familyName: 'Cool' },
    userName: 'zerocool@hackers.example',
    emails: [{ primary: true, value: 'zerocool@hackers.example', type: 'work' }],
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    id,
    userName: 'zerocool@hackers.example',
    name: { familyName: 'Cool' },
    displayName: 'Dade Murphy',
  });
  expect(await findUser(tenantId, id)).toMatchObject({ email: 'zerocool@hackers.example', lastName: 'Cool' });
  expect((await okta.find('userName eq "dade@hackers.example"')).body.totalResults).toBe(0);
});

test('it deactivates by PATCH without a path, and their session is dead before the answer', async () => {
  const user = await findUser(tenantId, id);
  if (!user) throw new Error('Dade is gone');
  const { token } = await signedIn(user);
  expect(await findSession(token)).not.toBeNull();
  const { status, body } = await okta.patch(`/Users/${id}`, [{ op: 'replace', value: { active: false } }]);
  expect([status, body.active]).toEqual([200, false]);
  expect(await findSession(token)).toBeNull();
});

test('it deactivates and reactivates by PUT too', async () => {
  const { body } = await okta.get(`/Users/${id}`);
  expect((await okta.put(`/Users/${id}`, { ...body, active: false })).body.active).toBe(false);
  expect((await okta.put(`/Users/${id}`, { ...body, active: true })).body.active).toBe(true);
  expect((await findUser(tenantId, id))?.status).toBe('active');
});

test('it imports page by page, past the end too', async () => {
  for (let n = 0; n < 5; n++)
    await okta.post('/Users', {
      ...dade,
      externalId: undefined,
      userName: `u${n}@hackers.example`,
      emails: [{ value: `u${n}@hackers.example`, primary: true }],
    });
  const seen: string[] = [];
  for (let startIndex = 1; startIndex <= 7; startIndex += 2) {
    const { body } = await okta.get(`/Users?startIndex=${startIndex}&count=2`);
    expect(body).toMatchObject({ totalResults: 6, startIndex, itemsPerPage: startIndex > 6 ? 0 : 2 });
    seen.push(...body.Resources.map((each: { id: string }) => each.id));
  }
  expect(new Set(seen).size).toBe(6);
});

test('it pushes a group: looks, creates, renames, moves members, reads, deletes', async () => {
  expect((await okta.get('/Groups?startIndex=1&count=100')).body.totalResults).toBe(0);
  const made = await okta.post('/Groups', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: 'Test SCIMv2',
    members: [],
  });
  expect(made.status).toBe(201);
  groupId = made.body.id;
  const path = `/Groups/${groupId}`;
  const renamed = await okta.patch(path, [{ op: 'replace', value: { id: groupId, displayName: 'Hackers' } }]);
  expect(renamed.status).toBe(204);
  const moved = await okta.patch(path, [
    { op: 'remove', path: `members[value eq "${id}"]` },
    { op: 'add', path: 'members', value: [{ value: id, display: 'zerocool@hackers.example' }] },
  ]);
  expect(moved.status).toBe(204);
  const group = (await okta.get(path)).body;
  expect(group).toMatchObject({ displayName: 'Hackers', members: [{ value: id, type: 'User' }] });
  expect((await okta.get(`/Users/${id}`)).body.groups).toMatchObject([{ value: groupId, display: 'Hackers' }]);
  expect((await okta.put(path, { ...group, displayName: 'Hackers 2', members: [] })).body).toMatchObject({
    displayName: 'Hackers 2',
  });
  expect((await okta.get(path)).body.members).toBeUndefined();
  expect((await okta.remove(path)).status).toBe(204);
  expect((await okta.get(path)).status).toBe(404);
});
