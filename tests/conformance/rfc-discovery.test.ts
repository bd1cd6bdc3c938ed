import { beforeAll, describe, expect, test } from 'vitest';
import { newTenant } from '../support/cast';
import { aGroup, aUser, type Client, newClient } from '../support/scim';

/** RFC 7643, 5 to 7; RFC 7644, 4. What the server says of itself is held against what it does. */
let idp: Client;
beforeAll(async () => {
  idp = await newClient(await newTenant());
});

test('ServiceProviderConfig says what is so', async () => {
  const { status, headers, body } = await idp.get('/ServiceProviderConfig');
  expect([status, headers.get('content-type')]).toEqual([200, 'application/scim+json; charset=utf-8']);
  expect(body).toMatchObject({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: false },
    filter: { supported: true, maxResults: 500 },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    pagination: { cursor: true, index: true, defaultPaginationMethod: 'index', defaultPageSize: 100, maxPageSize: 500 },
  });
  expect(body.authenticationSchemes).toMatchObject([{ type: 'oauthbearertoken', primary: true }]);
  expect((await idp.post('/Bulk', {})).status).toBe(501);
});

test('ResourceTypes lists users and groups, each also alone', async () => {
  const { body } = await idp.get('/ResourceTypes');
  expect(body).toMatchObject({ totalResults: 2, itemsPerPage: 2 });
  for (const type of body.Resources) {
    expect((await idp.get(`/ResourceTypes/${type.id}`)).body).toEqual(type);
    expect((await idp.get(type.endpoint)).status).toBe(200);
  }
});

test('Schemas lists the three, each also alone by its URN', async () => {
  const { body } = await idp.get('/Schemas');
  expect(body.totalResults).toBe(3);
  for (const schema of body.Resources) expect((await idp.get(`/Schemas/${schema.id}`)).body).toEqual(schema);
  expect((await idp.get('/Schemas/urn:nothing')).status).toBe(404);
});

type Described = { name: string; type: string; multiValued: boolean; returned: string; subAttributes?: Described[] };

/** Whether a value is of the type that the schema promises. */
function violations(value: unknown, attribute: Described, path: string): string[] {
  if (attribute.multiValued !== Array.isArray(value)) return [`${path} ${JSON.stringify(value)}`];
  return [value].flat().flatMap((each) => {
    if (attribute.type === 'complex')
      return Object.entries(each as object).flatMap(([name, inner]) => {
        const sub = attribute.subAttributes?.find((one) => one.name === name);
        return sub ? violations(inner, sub, `${path}.${name}`) : [`${path}.${name} is not in the schema`];
      });
    return (attribute.type === 'boolean' ? 'boolean' : 'string') === typeof each ? [] : [`${path} ${typeof each}`];
  });
}

test('every resource is by the schemas that it names', async () => {
  const { body } = await idp.get('/Schemas');
  const schemas: { id: string; attributes: Described[] }[] = body.Resources;
  const extension = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  const user = await idp.post(
    '/Users',
    aUser('zoe', {
      externalId: 'x',
      roles: 'R',
      photos: ['http://p.example'],
      [extension]: { manager: '7', department: 'D' },
    }),
  );
  const group = await idp.post('/Groups', aGroup('Team', [user.body.id]));
  const read = [(await idp.get(`/Users/${user.body.id}`)).body, (await idp.get(`/Groups/${group.body.id}`)).body];
  for (const { schemas: named, id, externalId: _, meta, ...rest } of read) {
    expect(id).toBe(meta.location.split('/').at(-1));
    const of = (urn: string) => schemas.find((schema) => schema.id === urn)?.attributes ?? [];
    for (const [name, value] of Object.entries(rest)) {
      const isExtension = name.startsWith('urn:');
      if (isExtension) expect(named).toContain(name);
      const attribute = isExtension
        ? { name, type: 'complex', multiValued: false, returned: 'default', subAttributes: of(name) }
        : of(named[0]).find((each) => each.name === name);
      expect([name, attribute && violations(value, attribute, name)]).toEqual([name, []]);
    }
  }
});

test('they cannot be filtered or written', async () => {
  for (const path of ['/ServiceProviderConfig', '/ResourceTypes', '/Schemas']) {
    expect((await idp.get(`${path}?filter=id%20pr`)).status).toBe(403);
    const written = await idp.post(path, {});
    expect([written.status, written.headers.get('allow')]).toEqual([405, 'GET']);
  }
});

describe('what is not offered says so in SCIM', () => {
  test.each([
    ['GET', '/Me', 501],
    ['POST', '/.search', 501],
    ['GET', '/Shoes', 404],
    ['GET', '', 404],
    ['GET', '/Users/1/2', 404],
    ['GET', '/Users/%E0%A4%A', 404],
    ['DELETE', '/Users', 405],
    ['PUT', '/Groups', 405],
    ['POST', '/Users/0b6b1b1e-0000-7000-8000-000000000000', 405],
  ])('%s %s: %i', async (method, path, status) => {
    const {
      status: answered,
      headers,
      body,
    } = await idp.ask(method, path, method === 'GET' || method === 'DELETE' ? undefined : {});
    expect([answered, body.status, headers.get('content-type')]).toEqual([
      status,
      String(status),
      'application/scim+json; charset=utf-8',
    ]);
  });
});
