import { beforeAll, describe, expect, test } from 'vitest';
import { newTenant, newUser } from '../support/cast';
import { aGroup, aUser, type Client, newClient } from '../support/scim';

/** RFC 7644, 3.4.2 (lists), 3.4.3 (.search), 3.9 (attributes); RFC 9865 (cursors). */
let idp: Client;
let ids: string[] = [];
const NAMES = ['cay', 'Abe', 'bob', 'dan', 'eve', 'fay', 'gus'];

beforeAll(async () => {
  const tenant = await newTenant();
  idp = await newClient(tenant);
  for (const name of NAMES) ids.push((await idp.post('/Users', aUser(name, { title: 'T' }))).body.id);
  ids = [...ids].sort();
  for (const name of ['Beta', 'alpha']) await idp.post('/Groups', aGroup(name, ids.slice(0, 2)));
  await newUser(tenant, 'local');
});

type Body = { Resources: { id: string; userName: string }[]; nextCursor?: string };
const idsOf = ({ Resources }: Body) => Resources.map(({ id }) => id);
const namesOf = ({ Resources }: Body) => Resources.map(({ userName }) => userName.split('@')[0]);

describe('pages by index', () => {
  test.each([
    ['', 1, 7],
    ['startIndex=1&count=3', 1, 3],
    ['startIndex=6&count=3', 6, 2],
    ['startIndex=8&count=3', 8, 0],
    ['startIndex=1000000&count=3', 1_000_000, 0],
    ['startIndex=0&count=3', 1, 3],
    ['startIndex=-5&count=3', 1, 3],
    ['count=0', 1, 0],
    ['count=-1', 1, 0],
    ['count=100000', 1, 7],
    ['STARTINDEX=2&COUNT=1', 2, 1],
  ])('%s', async (search, startIndex, size) => {
    const { status, body } = await idp.get(`/Users?${search}`);
    expect([status, body.totalResults, body.startIndex, body.itemsPerPage, body.Resources.length]).toEqual([
      200,
      7,
      startIndex,
      size,
      size,
    ]);
    expect(idsOf(body)).toEqual(ids.slice(startIndex - 1, startIndex - 1 + size));
  });

  test.each(['startIndex=x', 'count=1.5', 'count=99999999999'])('%s is no number', async (search) => {
    const { status, body } = await idp.get(`/Users?${search}`);
    expect([status, body.scimType]).toEqual([400, 'invalidValue']);
  });
});

describe('sorted', () => {
  test.each([
    ['sortBy=userName', ['Abe', 'bob', 'cay', 'dan', 'eve', 'fay', 'gus']],
    ['sortBy=USERNAME&sortOrder=descending', ['gus', 'fay', 'eve', 'dan', 'cay', 'bob', 'Abe']],
    ['sortBy=name.givenName', ['Abe', 'bob', 'cay', 'dan', 'eve', 'fay', 'gus']],
    ['sortBy=meta.created', NAMES],
  ])('%s', async (search, names) => {
    expect(namesOf((await idp.get(`/Users?${search}`)).body)).toEqual(names);
  });

  test.each(['sortBy=shoeSize', 'sortBy=title', 'sortBy=userName&sortOrder=sideways'])(
    '%s is refused',
    async (search) => {
      expect(await idp.get(`/Users?${search}`)).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    },
  );
});

describe('by cursor', () => {
  const walk = async (search: string, count: number) => {
    const pages: Body[] = [];
    for (
      let cursor: string | undefined = '';
      cursor !== undefined && pages.length < 20;
      cursor = pages.at(-1)?.nextCursor
    ) {
      const { status, body } = await idp.get(`/Users?${search}&count=${count}&cursor=${cursor}`);
      expect([status, body.totalResults, 'startIndex' in body]).toEqual([200, 7, false]);
      pages.push(body);
    }
    return pages;
  };

  test.each([
    '',
    'sortBy=userName',
    'sortBy=userName&sortOrder=descending',
    'sortBy=name.familyName',
    'sortBy=meta.created&sortOrder=descending',
    'sortBy=meta.lastModified',
  ])('everybody comes once, whatever the page size: %s', async (search) => {
    const whole = idsOf((await idp.get(`/Users?${search}`)).body);
    for (const count of [1, 2, 3, 7, 8]) {
      const pages = await walk(search, count);
      expect(pages.flatMap(idsOf)).toEqual(whole);
      expect(pages.length).toBe(Math.ceil(7 / count));
    }
  });

  test('somebody new before the place does not shift the page behind it', async () => {
    const first = (await idp.get('/Users?sortBy=userName&count=3&cursor=')).body;
    const { body: aaron } = await idp.post('/Users', aUser('aaron'));
    const next = (await idp.get(`/Users?sortBy=userName&count=2&cursor=${first.nextCursor}`)).body;
    expect(namesOf(next)).toEqual(['dan', 'eve']);
    await idp.remove(`/Users/${aaron.id}`);
  });

  test('a cursor of another list, a forged one, or one with startIndex is refused', async () => {
    const { nextCursor } = (await idp.get('/Users?count=2&cursor=')).body;
    const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const { b } = JSON.parse(Buffer.from(nextCursor, 'base64url').toString());
    for (const cursor of [
      'x',
      forged(null),
      forged({ b, p: [] }),
      forged({ b, p: ["'; drop table users; --"] }),
      forged({ b, p: ['a', ids[0]] }),
      forged({ b: 'x', p: [ids[0]] }),
    ])
      expect(await idp.get(`/Users?count=2&cursor=${cursor}`)).toMatchObject({
        status: 400,
        body: { scimType: 'invalidCursor' },
      });
    const timed = (await idp.get('/Users?sortBy=meta.created&count=2&cursor=')).body.nextCursor;
    const { b: byTime } = JSON.parse(Buffer.from(timed, 'base64url').toString());
    const noDay = forged({ b: byTime, p: ['2026-99-99 00:00:00+00', ids[0]] });
    expect((await idp.get(`/Users?sortBy=meta.created&count=2&cursor=${noDay}`)).body.scimType).toBe('invalidCursor');
    for (const search of ['sortBy=userName', 'filter=title%20eq%20null', 'filter=active%20eq%20true'])
      expect((await idp.get(`/Users?${search}&count=2&cursor=${nextCursor}`)).status).toBe(400);
    expect((await idp.get(`/Groups?count=2&cursor=${nextCursor}`)).body.scimType).toBe('invalidCursor');
    expect((await idp.get(`/Users?startIndex=1&cursor=${nextCursor}`)).status).toBe(400);
    expect((await idp.get('/Users?count=x&cursor=')).body.scimType).toBe('invalidCount');
  });
});

describe('what is returned', () => {
  const first = async (search: string, where = '/Users') =>
    (await idp.get(`${where}?count=1&${search}`)).body.Resources[0];

  test.each([
    ['attributes=userName', ['id', 'schemas', 'userName']],
    ['attributes=USERNAME,emails.value', ['emails', 'id', 'schemas', 'userName']],
    ['attributes=urn:ietf:params:scim:schemas:core:2.0:User:title', ['id', 'schemas', 'title']],
    ['attributes=shoeSize', ['id', 'schemas']],
    ['attributes=password', ['id', 'schemas']],
    ['excludedAttributes=emails,name,meta,id', ['active', 'id', 'schemas', 'title', 'userName', 'groups']],
  ])('%s', async (search, names) => {
    expect(Object.keys(await first(search)).sort()).toEqual([...names].sort());
  });

  test('a part of a value alone, or all but it', async () => {
    expect((await first('attributes=name.givenName,emails.type')).emails).toEqual([{ type: 'work' }]);
    expect((await first('attributes=name.givenName')).name).toEqual({ givenName: expect.any(String) });
    expect((await first('excludedAttributes=name.givenName,emails.type')).emails).toEqual([
      { value: expect.any(String), primary: true },
    ]);
  });

  test('also of one, of what was made and of what was changed', async () => {
    expect(Object.keys((await idp.get(`/Users/${ids[0]}?attributes=title`)).body).sort()).toEqual([
      'id',
      'schemas',
      'title',
    ]);
    const made = await idp.post('/Users?attributes=title', aUser('hal', { title: 'T' }));
    expect(Object.keys(made.body).sort()).toEqual(['id', 'schemas', 'title']);
    const changed = await idp.ask('PATCH', `/Users/${made.body.id}?attributes=title`, {
      Operations: [{ op: 'remove', path: 'title' }],
    });
    expect(Object.keys(changed.body).sort()).toEqual(['id', 'schemas']);
    await idp.remove(`/Users/${made.body.id}`);
  });

  test('both at once are refused', async () => {
    expect((await idp.get('/Users?attributes=id&excludedAttributes=name')).status).toBe(400);
  });

  test('members of a group only where they are asked for', async () => {
    expect(await first('excludedAttributes=members', '/Groups')).not.toHaveProperty('members');
    expect(await first('attributes=displayName', '/Groups')).not.toHaveProperty('members');
    expect((await first('attributes=members', '/Groups')).members).toHaveLength(2);
  });
});

describe('.search', () => {
  const SEARCH = { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'] };

  test('asks by POST what a list asks by its address', async () => {
    const { status, body } = await idp.post('/Users/.search', {
      ...SEARCH,
      filter: 'userName sw "b"',
      attributes: ['userName'],
      startIndex: 1,
      count: 10,
      sortBy: 'userName',
    });
    expect([status, namesOf(body)]).toEqual([200, ['bob']]);
    expect(Object.keys(body.Resources[0]).sort()).toEqual(['id', 'schemas', 'userName']);
    const groups = await idp.post('/Groups/.search', {
      ...SEARCH,
      excludedAttributes: ['members'],
      sortBy: 'displayName',
    });
    expect(groups.body.Resources.map((each: { displayName: string }) => each.displayName)).toEqual(['alpha', 'Beta']);
  });

  test('by cursor too', async () => {
    const one = (await idp.post('/Users/.search', { ...SEARCH, cursor: '', count: 4 })).body;
    const two = (await idp.post('/Users/.search', { ...SEARCH, cursor: one.nextCursor, count: 4 })).body;
    expect([...idsOf(one), ...idsOf(two)]).toEqual(ids);
  });

  test('is refused where it makes no sense', async () => {
    expect((await idp.get('/Users/.search')).status).toBe(405);
    for (const body of [{ ...SEARCH, filter: 7 }, { ...SEARCH, count: 'x' }, { ...SEARCH, attributes: { a: 1 } }, []])
      expect((await idp.post('/Users/.search', body)).status).toBe(400);
  });
});
