import { beforeEach, describe, expect, test } from 'vitest';
import { newTenant } from '../support/cast';
import { aGroup, aUser, type Client, newClient } from '../support/scim';

/** RFC 7644, 3.3 to 3.6, 3.12 and 3.14. */
let idp: Client;
beforeEach(async () => {
  idp = await newClient(await newTenant());
});

describe('versions', () => {
  test('an ETag moves with each change and stays without one', async () => {
    const made = await idp.post('/Users', aUser('zoe'));
    const path = `/Users/${made.body.id}`;
    const etag = made.headers.get('etag');
    expect(etag).toBe(made.body.meta.version);
    expect((await idp.get(path)).headers.get('etag')).toBe(etag);
    expect((await idp.put(path, aUser('zoe'))).headers.get('etag')).toBe(etag);
    const changes = [
      { title: 'T' },
      { title: 'T', nickName: 'N' },
      { name: { givenName: 'Z' } },
      { emails: [{ value: 'z@z.example' }] },
      { externalId: 'x' },
      { active: false },
    ];
    const seen = [etag];
    for (const change of changes) seen.push((await idp.put(path, aUser('zoe', change))).headers.get('etag'));
    const { body: group } = await idp.post('/Groups', aGroup('Team', [made.body.id]));
    seen.push((await idp.get(path)).headers.get('etag'));
    await idp.patch(`/Groups/${group.id}`, [{ op: 'replace', path: 'displayName', value: 'Crew' }]);
    seen.push((await idp.get(path)).headers.get('etag'));
    expect(new Set(seen).size).toBe(changes.length + 3);
  });

  test('If-None-Match: 304 without a body while nothing changed', async () => {
    for (const [where, made] of [
      ['/Users', await idp.post('/Users', aUser('zoe'))],
      ['/Groups', await idp.post('/Groups', aGroup('Team'))],
    ] as const) {
      const path = `${where}/${made.body.id}`;
      const etag = String(made.headers.get('etag'));
      for (const given of [etag, etag.replace('W/', ''), `"x", ${etag}`, '*']) {
        const same = await idp.get(path, { headers: { 'if-none-match': given } });
        expect([same.status, same.body, same.headers.get('etag')]).toEqual([304, null, etag]);
      }
      expect((await idp.get(path, { headers: { 'if-none-match': 'W/"other"' } })).status).toBe(200);
    }
  });

  test('If-Match: 412 for a version that is gone, and nothing is written', async () => {
    const { body: zoe, headers } = await idp.post('/Users', aUser('zoe'));
    const { body: team, headers: teamHeaders } = await idp.post('/Groups', aGroup('Team'));
    const old = { headers: { 'if-match': String(headers.get('etag')) } };
    const oldTeam = { headers: { 'if-match': String(teamHeaders.get('etag')) } };
    const [user, group] = [`/Users/${zoe.id}`, `/Groups/${team.id}`];
    expect((await idp.put(user, aUser('zoe', { title: 'A' }), old)).status).toBe(200);
    expect((await idp.patch(group, [{ op: 'add', path: 'members', value: [{ value: zoe.id }] }], oldTeam)).status).toBe(
      204,
    );
    const refused = [
      await idp.put(user, aUser('zoe', { title: 'B' }), old),
      await idp.patch(user, [{ op: 'replace', path: 'title', value: 'B' }], old),
      await idp.remove(user, old),
      await idp.put(group, aGroup('B'), oldTeam),
      await idp.patch(group, [{ op: 'remove', path: 'members' }], oldTeam),
      await idp.remove(group, oldTeam),
    ];
    expect(refused.map(({ status, body }) => [status, body.status])).toEqual(refused.map(() => [412, '412']));
    expect((await idp.get(user)).body.title).toBe('A');
    expect((await idp.get(group)).body).toMatchObject({ displayName: 'Team', members: [{ value: zoe.id }] });
    expect((await idp.remove(user, { headers: { 'if-match': '*' } })).status).toBe(204);
  });

  test('of two writes of one version at the same moment, one is refused', async () => {
    for (let round = 0; round < 5; round++) {
      const { body, headers } = await idp.post('/Users', aUser(`zoe${round}`));
      const same = { headers: { 'if-match': String(headers.get('etag')) } };
      const answers = await Promise.all(
        ['A', 'B'].map((title) => idp.put(`/Users/${body.id}`, aUser(`zoe${round}`, { title }), same)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    }
  });
});

describe('PUT', () => {
  test('replaces: what is not sent is gone, but the access stays as it is', async () => {
    const { body } = await idp.post('/Users', aUser('zoe', { title: 'T', externalId: 'x', active: false }));
    const { active: _, emails: __, ...less } = aUser('zoe', { name: { familyName: 'F' } });
    const put = await idp.put(`/Users/${body.id}`, less);
    expect(put.body).toMatchObject({ userName: 'zoe@idp.example', name: { familyName: 'F' }, active: false });
    for (const name of ['title', 'externalId', 'emails']) expect(put.body).not.toHaveProperty(name);
    expect(put.body.name).not.toHaveProperty('givenName');
  });

  test('what nobody may write is passed over', async () => {
    const { body } = await idp.post(
      '/Users',
      aUser('zoe', { id: 'mine', meta: { created: '1999-01-01T00:00:00Z' }, groups: [{ value: 'x' }] }),
    );
    expect(body.id).not.toBe('mine');
    expect(body.meta.created).not.toContain('1999');
    expect(body).not.toHaveProperty('groups');
  });

  test('a group’s members are those it names', async () => {
    const [a, b, c] = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => (await idp.post('/Users', aUser(name))).body.id),
    );
    const { body } = await idp.post('/Groups', aGroup('Team', [a, b]));
    const put = await idp.put(`/Groups/${body.id}`, aGroup('Team', [b, c]));
    expect(put.body.members.map(({ value }: { value: string }) => value).sort()).toEqual([b, c].sort());
  });
});

describe('what is malformed', () => {
  test.each([
    ['no JSON', '{', 'invalidSyntax'],
    ['no object', '[]', 'invalidSyntax'],
    ['null', 'null', 'invalidSyntax'],
    ['no name', JSON.stringify({ ...aUser('x'), userName: undefined }), 'invalidValue'],
    ['a blank name', JSON.stringify(aUser('x', { userName: ' ' })), 'invalidValue'],
    ['a name that is no text', JSON.stringify(aUser('x', { userName: { a: 1 } })), 'invalidValue'],
    ['a name too long', JSON.stringify(aUser('x', { userName: 'x'.repeat(255) })), 'invalidValue'],
    ['no address at all', JSON.stringify(aUser('x', { userName: 'x', emails: [] })), 'invalidValue'],
    ['an address that is none', JSON.stringify(aUser('x', { emails: [{ value: 'nonsense' }] })), 'invalidValue'],
    ['a NUL character', '{"userName":"a\\u0000@x.example"}', 'invalidValue'],
    ['a NUL deep inside', JSON.stringify(aUser('x')).replace('"Idp"', '"I\\u0000dp"'), 'invalidValue'],
    ['a NUL in what is only kept', JSON.stringify(aUser('x', { nickName: 'a\u0000' })), 'invalidValue'],
    ['half a character', '{"userName":"x@x.example","nickName":"\\ud800"}', 'invalidValue'],
    ['the same in what is not known', '{"x\\u0000":"\\udfff"}', 'invalidValue'],
    ['active as a word', JSON.stringify(aUser('x', { active: 'perhaps' })), 'invalidValue'],
    [
      'two primary addresses',
      JSON.stringify(aUser('x', { emails: ['a', 'b'].map((name) => ({ value: `${name}@x.example`, primary: true })) })),
      'invalidValue',
    ],
    ['a control character in a name', JSON.stringify(aUser('x', { name: { givenName: 'a\u0007' } })), 'invalidValue'],
    ['nested without end', `{"userName":"x@x.example","x":${'['.repeat(500)}${']'.repeat(500)}}`, 'invalidSyntax'],
  ])('%s', async (_, raw, scimType) => {
    const { status, body, headers } = await idp.ask('POST', '/Users', undefined, { raw });
    expect([status, body.scimType, headers.get('content-type')]).toEqual([
      400,
      scimType,
      'application/scim+json; charset=utf-8',
    ]);
    expect((await idp.get('/Users')).body.totalResults).toBe(0);
  });

  test('NUL in an address, a filter or an id is an ordinary answer', async () => {
    expect((await idp.get('/Users/%00')).status).toBe(404);
    expect((await idp.get('/Users?filter=userName%20eq%20%22a%00%22')).status).toBe(400);
    expect((await idp.get('/Users?sortBy=%00')).status).toBe(400);
    expect((await idp.get('/Users?attributes=%00')).status).toBe(200);
  });

  test('another content type, or a body that is too large', async () => {
    expect((await idp.post('/Users', aUser('x'), { headers: { 'content-type': 'text/plain' } })).status).toBe(415);
    expect((await idp.post('/Users', aUser('x'), { headers: { 'content-type': 'application/json' } })).status).toBe(
      201,
    );
    const large = await idp.post('/Users', aUser('y', { nickName: 'x'.repeat(1_100_000) }));
    expect([large.status, large.body.status]).toEqual([413, '413']);
  });

  test('names of attributes in any case are understood, and unknown ones are not kept', async () => {
    const { body } = await idp.post('/Users', {
      USERNAME: 'z@z.example',
      NAME: { GIVENNAME: 'Z' },
      shoeSize: 9,
      ACTIVE: 'TRUE',
    });
    expect(body).toMatchObject({ userName: 'z@z.example', name: { givenName: 'Z' }, active: true });
    expect(body).not.toHaveProperty('shoeSize');
  });

  test('what looks like a property of every object is no attribute', async () => {
    const { status, body } = await idp.ask('POST', '/Users', undefined, {
      raw: '{"userName":"z@z.example","__proto__":{"active":false},"constructor":{"x":1}}',
    });
    expect([status, body.active]).toEqual([201, true]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

test('a password is taken, kept nowhere and never told', async () => {
  const { body } = await idp.post('/Users', aUser('zoe', { password: 'hunter2hunter2' }));
  const path = `/Users/${body.id}`;
  const answers = [
    body,
    (await idp.get(path)).body,
    (await idp.put(path, aUser('zoe', { password: 'hunter2hunter2' }))).body,
    (await idp.patch(path, [{ op: 'replace', path: 'password', value: 'hunter2hunter2' }])).body,
    (await idp.patch(path, [{ op: 'add', value: { password: 'hunter2hunter2' } }])).body,
    (await idp.get(`${path}?attributes=password`)).body,
  ];
  expect(JSON.stringify(answers)).not.toContain('hunter2');
});

test('whoever was deleted can be created again, as somebody new, and only the new one answers', async () => {
  const first = await idp.post('/Users', aUser('zoe'));
  expect((await idp.remove(`/Users/${first.body.id}`)).status).toBe(204);
  const second = await idp.post('/Users', aUser('zoe'));
  expect([second.status, second.body.id === first.body.id]).toEqual([201, false]);
  expect((await idp.find('userName eq "zoe@idp.example"')).body.Resources).toHaveLength(1);
  expect((await idp.get(`/Users/${first.body.id}`)).status).toBe(404);
});

test('a PATCH of which one operation is wrong changes nothing', async () => {
  const { body } = await idp.post('/Users', aUser('zoe'));
  const refused = await idp.patch(`/Users/${body.id}`, [
    { op: 'replace', path: 'title', value: 'T' },
    { op: 'replace', path: 'emails[type eq "none"].value', value: 'x@x.example' },
  ]);
  expect([refused.status, refused.body.scimType]).toEqual([400, 'noTarget']);
  expect((await idp.get(`/Users/${body.id}`)).body).toEqual(body);
});
