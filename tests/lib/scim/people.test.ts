import { randomBytes } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { invitations } from '@/db/schema/invitations';
import { mails } from '@/db/schema/mails';
import { type User, users } from '@/db/schema/users';
import { sentence } from '@/lib/audit/sentence';
import { acceptInvitation } from '@/lib/invitations/accept';
import { showInvitationLink } from '@/lib/invitations/handle';
import { invite } from '@/lib/invitations/invite';
import { mapGroup } from '@/lib/scim/groups';
import { findSession } from '@/lib/sessions/find';
import { deactivate, reactivate } from '@/lib/users/deactivate';
import { isDeprovisioned } from '@/lib/users/departures';
import { findUser, isAddressHeld } from '@/lib/users/find';
import { editProfile } from '@/lib/users/profile';
import { eraseRemoved, remove, restore } from '@/lib/users/remove';
import { actorOf, cast, newUser, reread, signedIn } from '../../support/cast';
import { queriesOf } from '../../support/count-queries';
import { unwrapped } from '../../support/jobs';
import { race } from '../../support/race';
import { aGroup, aUser, type Client, newClient } from '../../support/scim';
import { actionsOn, endedSessions, trailOf } from '../../support/trail';

const born = async (tenantId: string, id: string): Promise<User> => {
  const user = await findUser(tenantId, id);
  if (!user) throw new Error(`${id} is not there`);
  return user;
};
const as = (user: User, more: Record<string, unknown> = {}) =>
  aUser('x', { userName: user.email, emails: [{ value: user.email, primary: true }], ...more });

test('an id of the provider that no index could hold is refused in words', async () => {
  const { acme } = await cast();
  const idp = await newClient(acme.tenant);
  const fits = await idp.post('/Users', aUser('zoe', { externalId: 'x'.repeat(254) }));
  expect(fits.status).toBe(201);
  const refused = await idp.post('/Users', aUser('yan', { externalId: 'é'.repeat(128) }));
  expect([refused.status, refused.body.scimType]).toEqual([400, 'invalidValue']);
});

describe('access ends before the answer', () => {
  test.each(['PATCH', 'PUT', 'DELETE'])('by %s', async (method) => {
    const { acme } = await cast();
    const idp = await newClient(acme.tenant);
    const { body } = await idp.post('/Users', aUser('zoe'));
    const zoe = await born(acme.tenant.id, body.id);
    const [one, two] = [await signedIn(zoe), await signedIn(zoe)];
    if (method === 'PATCH') await idp.patch(`/Users/${zoe.id}`, [{ op: 'replace', path: 'active', value: false }]);
    else if (method === 'PUT') await idp.put(`/Users/${zoe.id}`, aUser('zoe', { active: false }));
    else await idp.remove(`/Users/${zoe.id}`);
    for (const { token } of [one, two]) expect(await findSession(token)).toBeNull();
    expect(new Set(await endedSessions(zoe))).toEqual(new Set([method === 'DELETE' ? 'removed' : 'deactivated']));
    const [entry] = await trailOf(zoe);
    expect(entry).toMatchObject({
      actorKind: 'scim',
      actorId: idp.tokenId,
      actorLabel: 'Okta',
      details: { sessionsEnded: 2 },
    });
  });
});

describe('the last admin who can sign in', () => {
  const alone = async () => {
    const { globex } = await cast();
    const idp = await newClient(globex.tenant);
    const { body } = await idp.post('/Users', as(globex.mallory));
    expect(body.id).toBe(globex.mallory.id);
    return { idp, mallory: globex.mallory, path: `/Users/${body.id}` };
  };

  test.each(['PATCH', 'PUT', 'DELETE'])(
    'is not taken by %s: 409, in words for whoever administers the provider',
    async (method) => {
      const { idp, mallory, path } = await alone();
      const before = await reread(mallory);
      const { token } = await signedIn(mallory);
      const answer =
        method === 'PATCH'
          ? await idp.patch(path, [
              { op: 'replace', path: 'title', value: 'T' },
              { op: 'replace', path: 'active', value: false },
            ])
          : method === 'PUT'
            ? await idp.put(path, as(mallory, { active: false, title: 'T' }))
            : await idp.remove(path);
      expect([answer.status, answer.body.status]).toEqual([409, '409']);
      expect(answer.body.detail).toMatch(/without a Tenant Admin who can sign in/);
      expect(await reread(mallory)).toEqual(before);
      expect(await findSession(token)).not.toBeNull();
    },
  );

  test('is not taken over as inactive either, and the takeover is undone', async () => {
    const { globex } = await cast();
    const idp = await newClient(globex.tenant);
    const before = await reread(globex.mallory);
    expect((await idp.post('/Users', as(globex.mallory, { active: false }))).status).toBe(409);
    expect(await reread(globex.mallory)).toEqual(before);
    expect(await actionsOn(globex.mallory)).toEqual([]);
  });

  test('of two deactivated at the same moment, one remains', async () => {
    for (let round = 0; round < 5; round++) {
      const { acme } = await cast();
      const idp = await newClient(acme.tenant);
      for (const admin of [acme.ada, acme.grace]) await idp.post('/Users', as(admin));
      const answers = await race(
        [acme.ada, acme.grace].map(
          ({ id }) =>
            () =>
              idp.patch(`/Users/${id}`, [{ op: 'replace', value: { active: false } }]),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    }
  });
});

describe('somebody who is here already', () => {
  test('is taken over once by their address, in any case, and keeps id, role and password', async () => {
    const { acme } = await cast();
    const idp = await newClient(acme.tenant);
    const { status, body } = await idp.post(
      '/Users',
      as(acme.ada, { userName: 'ada-at-idp', emails: [{ value: acme.ada.email.toUpperCase() }] }),
    );
    expect([status, body.id, body.userName]).toEqual([201, acme.ada.id, 'ada-at-idp']);
    expect(await reread(acme.ada)).toMatchObject({
      role: 'tenant_admin',
      passwordHash: acme.ada.passwordHash,
      samlEnabled: true,
      profileManagedBy: 'scim',
      firstName: 'X',
    });
    const trail = await trailOf(acme.ada);
    const adopted = trail.find(({ action }) => action === 'user.adopted');
    expect(adopted && sentence(adopted)).toContain('Okta (SCIM) took over');
    expect((await idp.post('/Users', as(acme.ada, { userName: 'again' }))).body.scimType).toBe('uniqueness');
  });

  test('an invited person becomes active, and their old invitation is dead', async () => {
    const { acme } = await cast();
    const idp = await newClient(acme.tenant);
    expect((await idp.post('/Users', as(acme.ivy))).body).toMatchObject({ id: acme.ivy.id, active: true });
    expect((await reread(acme.ivy)).status).toBe('active');
    const open = await db
      .select()
      .from(invitations)
      .where(and(eq(invitations.userId, acme.ivy.id)));
    expect(open.map(({ revokedAt }) => revokedAt !== null)).toEqual([true]);
  });

  test('what an invitation that was revoked or has run out gave is not given by the provider’s takeover', async () => {
    const { acme } = await cast();
    const idp = await newClient(acme.tenant);
    for (const over of [{ revokedAt: new Date() }, { expiresAt: new Date(Date.now() - 1000) }]) {
      const name = `over-${Object.keys(over)[0]}`.toLowerCase();
      const person = await newUser(acme.tenant, name, { role: 'tenant_admin', status: 'invited' });
      await db.update(invitations).set(over).where(eq(invitations.userId, person.id));
      expect((await idp.post('/Users', as(person))).body.active).toBe(true);
      expect(await reread(person)).toMatchObject({ status: 'active', role: 'standard_user' });
      expect(await actionsOn(person)).toContain('user.role-changed');
    }
    const wanted = await newUser(acme.tenant, 'wanted', { role: 'tenant_admin', status: 'invited' });
    await idp.post('/Users', as(wanted));
    expect(await reread(wanted)).toMatchObject({ status: 'active', role: 'tenant_admin' });
  });

  test('a deactivated person comes back when the provider says active', async () => {
    const { acme } = await cast();
    const idp = await newClient(acme.tenant);
    expect((await idp.post('/Users', as(acme.dan))).body.active).toBe(true);
    expect(await actionsOn(acme.dan)).toContain('user.reactivated');
  });

  test('is nobody for SCIM until then', async () => {
    const { acme } = await cast();
    const idp = await newClient(acme.tenant);
    expect((await idp.get(`/Users/${acme.sam.id}`)).status).toBe(404);
    expect((await idp.find(`userName eq "${acme.sam.email}"`)).body.totalResults).toBe(0);
    expect((await idp.patch(`/Users/${acme.sam.id}`, [{ op: 'replace', path: 'active', value: false }])).status).toBe(
      404,
    );
    expect((await idp.remove(`/Users/${acme.sam.id}`)).status).toBe(404);
    expect((await idp.put(`/Users/${acme.sam.id}`, as(acme.sam, { active: false }))).status).toBe(404);
    expect((await reread(acme.sam)).status).toBe('active');
  });

  test('two requests for the same new person at the same moment make one', async () => {
    for (let round = 0; round < 5; round++) {
      const { acme } = await cast();
      const idp = await newClient(acme.tenant);
      const answers = await race([1, 2, 3].map(() => () => idp.post('/Users', aUser('zoe'))));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    }
  });
});

describe('who signs in with what', () => {
  test.each([
    [
      'the primary address',
      [
        { value: 'h@x.example', type: 'home', primary: true },
        { value: 'w@x.example', type: 'work' },
      ],
      'h@x.example',
    ],
    [
      'else the work address',
      [
        { value: 'h@x.example', type: 'home' },
        { value: 'w@x.example', type: 'WORK' },
      ],
      'w@x.example',
    ],
    ['else the first', [{ value: 'a@x.example' }, { value: 'b@x.example' }], 'a@x.example'],
    ['else the name', undefined, 'zoe@idp.example'],
  ])('%s', async (_, emails, expected) => {
    const { acme } = await cast();
    const idp = await newClient(acme.tenant);
    const { body } = await idp.post('/Users', aUser('zoe', { emails }));
    expect((await born(acme.tenant.id, body.id)).email).toBe(expected);
    expect(body.emails).toEqual(emails);
  });

  test('a changed address is told to both, and one that is taken is a conflict', async () => {
    const { acme } = await cast();
    const idp = await newClient(acme.tenant);
    const { body } = await idp.post('/Users', aUser('zoe'));
    const path = `/Users/${body.id}`;
    const taken = await idp.patch(path, [
      { op: 'replace', path: 'emails[type eq "work"].value', value: acme.sam.email.toUpperCase() },
    ]);
    expect([taken.status, taken.body.scimType]).toEqual([409, 'uniqueness']);
    expect((await idp.get(path)).body.emails).toEqual(body.emails);
    await idp.patch(path, [{ op: 'replace', path: 'emails[type eq "work"].value', value: 'new@idp.example' }]);
    const told = await db.select({ to: mails.toAddress }).from(mails).where(eq(mails.userId, body.id));
    expect(told.map(({ to }) => to).sort()).toEqual(['new@idp.example', 'zoe@idp.example']);
  });

  test('a name is unique in the tenant regardless of case, also when it is changed to', async () => {
    const { acme, globex } = await cast();
    const idp = await newClient(acme.tenant);
    await idp.post('/Users', aUser('zoe'));
    const { body: yan } = await idp.post('/Users', aUser('yan'));
    const renamed = await idp.patch(`/Users/${yan.id}`, [
      { op: 'replace', path: 'userName', value: 'ZOE@idp.example' },
    ]);
    expect([renamed.status, renamed.body.scimType]).toEqual([409, 'uniqueness']);
    expect((await (await newClient(globex.tenant)).post('/Users', aUser('zoe'))).status).toBe(201);
  });
});

describe('whom the identity provider deprovisioned', () => {
  test('does not come back by a door that makes accounts', async () => {
    const { acme } = await cast();
    const idp = await newClient(acme.tenant);
    const { body } = await idp.post('/Users', aUser('zoe'));
    await idp.remove(`/Users/${body.id}`);
    for (const name of ['zoe@idp.example', 'ZOE@IDP.example'])
      expect(await isDeprovisioned(acme.tenant.id, [name])).toBe(true);
    expect(await isDeprovisioned(acme.tenant.id, ['yan@idp.example'])).toBe(false);
    await eraseRemoved(new Date(Date.now() + 40 * 86_400_000));
    expect(await findUser(acme.tenant.id, body.id)).toBeNull();
    expect(await isDeprovisioned(acme.tenant.id, ['zoe@idp.example'])).toBe(true);
    await idp.post('/Users', aUser('zoe'));
    expect(await isDeprovisioned(acme.tenant.id, ['zoe@idp.example'])).toBe(false);
  });

  test.each(['DELETE', 'PATCH'])(
    'does not come back by an old invitation to another of their addresses: %s',
    async (method) => {
      const { acme } = await cast();
      const ada = await actorOf(acme.ada);
      const other = { email: 'zoe@old.example', firstName: '', lastName: '', role: 'standard_user' } as const;
      const invited = unwrapped(await invite(ada, other));
      const linkOf = async () =>
        new URL(unwrapped(await showInvitationLink(ada, { userId: invited.userId })).url).pathname.split('/').at(-1);
      const token = String(await linkOf());
      const idp = await newClient(acme.tenant);
      const emails = [{ value: 'zoe@idp.example', type: 'work', primary: true }, { value: 'zoe@old.example' }];
      const { body } = await idp.post('/Users', aUser('zoe', { emails }));
      if (method === 'DELETE') await idp.remove(`/Users/${body.id}`);
      else await idp.patch(`/Users/${body.id}`, [{ op: 'replace', path: 'active', value: false }]);

      const names = { firstName: 'Z', lastName: 'Z', password: 'violet tractor ninety-one' };
      expect(await acceptInvitation({ token, ...names }, ada.origin)).toEqual({ ok: false, refusal: 'link-dead' });
      const [closed] = await db.select().from(users).where(eq(users.id, invited.userId));
      expect(await actionsOn(closed as User)).toContain('invitation.revoked');
      // An admin may invite them again.
      unwrapped(await invite(ada, other));
      expect(await acceptInvitation({ token: String(await linkOf()), ...names }, ada.origin)).toMatchObject({
        ok: true,
      });
    },
  );

  test('the fact says nothing about another tenant', async () => {
    const { acme, globex } = await cast();
    const idp = await newClient(acme.tenant);
    const { body } = await idp.post('/Users', aUser('zoe'));
    await idp.remove(`/Users/${body.id}`);
    expect(await isDeprovisioned(globex.tenant.id, ['zoe@idp.example'])).toBe(false);
  });

  test('whom an admin removed is not restored while the provider’s name for them is somebody else’s', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const idp = await newClient(acme.tenant);
    const { body } = await idp.post('/Users', aUser('zoe'));
    await remove(ada, { userId: body.id });
    await idp.post('/Users', aUser('zoe', { emails: [{ value: 'another@idp.example' }] }));
    expect(await isAddressHeld(await born(acme.tenant.id, body.id))).toBe(true);
    expect(await restore(ada, { userId: body.id })).toEqual({ ok: false, refusal: 'address-taken' });
  });

  test('comes back by an admin’s own restore, and is edited here from then on: for SCIM they stay gone', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const idp = await newClient(acme.tenant);
    const { body } = await idp.post('/Users', aUser('zoe'));
    await idp.remove(`/Users/${body.id}`);
    expect(await restore(ada, { userId: body.id })).toMatchObject({ ok: true });
    expect((await idp.get(`/Users/${body.id}`)).status).toBe(404);
    const zoe = await born(acme.tenant.id, body.id);
    expect(zoe).toMatchObject({ status: 'active', profileManagedBy: null, scimUserName: null });
    expect(await editProfile(ada, { userId: zoe.id, email: zoe.email, firstName: 'New', lastName: '' })).toMatchObject({
      ok: true,
    });
    expect(await isDeprovisioned(acme.tenant.id, [zoe.email])).toBe(false);
    expect((await idp.post('/Users', aUser('zoe'))).body.id).toBe(body.id);
  });

  test('is not restored into the place of whom the provider created since', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const idp = await newClient(acme.tenant);
    const { body } = await idp.post('/Users', aUser('zoe'));
    await idp.remove(`/Users/${body.id}`);
    await idp.post('/Users', aUser('zoe'));
    expect(await restore(ada, { userId: body.id })).toEqual({ ok: false, refusal: 'address-taken' });
  });

  test('an admin may reactivate whom it deactivated, and it may deactivate them again', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const idp = await newClient(acme.tenant);
    const { body } = await idp.post('/Users', aUser('zoe'));
    const path = `/Users/${body.id}`;
    await idp.patch(path, [{ op: 'replace', path: 'active', value: false }]);
    expect((await born(acme.tenant.id, body.id)).scimDeprovisionedAt).not.toBeNull();
    expect(await invite(ada, { email: 'zoe@idp.example', firstName: '', lastName: '', role: 'standard_user' })).toEqual(
      { ok: false, refusal: 'deactivated' },
    );
    await reactivate(ada, { userId: body.id });
    expect((await born(acme.tenant.id, body.id)).scimDeprovisionedAt).toBeNull();
    expect((await idp.get(path)).body.active).toBe(true);
    expect((await idp.patch(path, [{ op: 'replace', path: 'active', value: false }])).body.active).toBe(false);
  });

  test('whom an admin deactivated first, it deactivates too', async () => {
    const { acme } = await cast();
    const idp = await newClient(acme.tenant);
    const { body } = await idp.post('/Users', aUser('zoe'));
    await deactivate(await actorOf(acme.ada), { userId: body.id });
    expect((await idp.get(`/Users/${body.id}`)).body.active).toBe(false);
    expect((await idp.patch(`/Users/${body.id}`, [{ op: 'replace', path: 'active', value: false }])).status).toBe(200);
    expect((await born(acme.tenant.id, body.id)).scimDeprovisionedAt).not.toBeNull();
  });

  test('whom an admin removed is gone for SCIM, and comes back as managed', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const idp = await newClient(acme.tenant);
    const { body } = await idp.post('/Users', aUser('zoe'));
    await remove(ada, { userId: body.id });
    expect((await idp.get(`/Users/${body.id}`)).status).toBe(404);
    await restore(ada, { userId: body.id });
    expect((await idp.get(`/Users/${body.id}`)).body.userName).toBe('zoe@idp.example');
    expect(await isDeprovisioned(acme.tenant.id, ['zoe@idp.example'])).toBe(false);
  });

  test('the same whom it had deactivated before; erased, they come back by no door that makes accounts', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const idp = await newClient(acme.tenant);
    const { body } = await idp.post(
      '/Users',
      aUser('zoe', { emails: [{ value: 'zoe@idp.example', primary: true }, { value: 'zoe@other.example' }] }),
    );
    await idp.patch(`/Users/${body.id}`, [{ op: 'replace', path: 'active', value: false }]);
    await remove(ada, { userId: body.id });
    await restore(ada, { userId: body.id });
    expect((await idp.get(`/Users/${body.id}`)).body).toMatchObject({ userName: 'zoe@idp.example', active: false });
    await remove(ada, { userId: body.id });
    await eraseRemoved(new Date(Date.now() + 40 * 86_400_000));
    for (const name of ['zoe@idp.example', 'zoe@other.example'])
      expect(await isDeprovisioned(acme.tenant.id, [name])).toBe(true);
  });

  test.each([
    ['deletes', (idp: Client, path: string) => idp.remove(path), 404],
    [
      'deactivates',
      (idp: Client, path: string) => idp.patch(path, [{ op: 'replace', path: 'active', value: false }]),
      200,
    ],
  ])('whom an admin removed first and then it %s comes back by no door that makes accounts', async (_, leave, then) => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const idp = await newClient(acme.tenant);
    const { body } = await idp.post('/Users', aUser('zoe'));
    await remove(ada, { userId: body.id });
    for (let n = 0; n < 3; n++) expect((await leave(idp, `/Users/${body.id}`)).status).toBe(404);
    // However often it says so.
    expect(
      (await actionsOn(await born(acme.tenant.id, body.id))).filter((action) => action === 'user.let-go'),
    ).toHaveLength(1);
    expect(await isDeprovisioned(acme.tenant.id, ['zoe@idp.example'])).toBe(true);
    // Whom it has deleted it keeps no more.
    await restore(ada, { userId: body.id });
    expect((await idp.get(`/Users/${body.id}`)).status).toBe(then);
  });

  test('whom an admin removed and it deletes then is no Tenant Admin by a group when they are restored', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const idp = await newClient(acme.tenant);
    const { body } = await idp.post('/Users', aUser('zoe'));
    const { body: group } = await idp.post('/Groups', { ...aGroup('Admins'), members: [{ value: body.id }] });
    expect(await mapGroup(ada, { groupId: group.id, role: 'tenant_admin' })).toMatchObject({ ok: true });
    expect((await born(acme.tenant.id, body.id)).role).toBe('tenant_admin');
    await remove(ada, { userId: body.id });
    await idp.remove(`/Users/${body.id}`);
    await restore(ada, { userId: body.id });
    const zoe = await born(acme.tenant.id, body.id);
    expect(zoe).toMatchObject({ role: 'standard_user', roleManagedBy: null, scimUserName: null });
    expect(await actionsOn(zoe)).toContain('user.let-go');
  });

  test('is not whom an admin deactivated, while it speaks of something else', async () => {
    const { acme } = await cast();
    const idp = await newClient(acme.tenant);
    const { body } = await idp.post('/Users', aUser('zoe'));
    await deactivate(await actorOf(acme.ada), { userId: body.id });
    expect((await idp.patch(`/Users/${body.id}`, [{ op: 'replace', path: 'title', value: 'T' }])).status).toBe(200);
    expect(await born(acme.tenant.id, body.id)).toMatchObject({ status: 'deactivated', scimDeprovisionedAt: null });
  });
});

test('a text that no index row holds is refused in words', async () => {
  const { acme } = await cast();
  const idp = await newClient(acme.tenant);
  // What repeats itself would be kept compressed.
  const long = randomBytes(2_900).toString('base64');
  for (const more of [
    { displayName: long },
    { emails: [{ value: 'zoe@idp.example' }, { value: `${long}@x.example` }] },
  ])
    expect((await idp.post('/Users', { ...aUser('zoe'), ...more })).body).toMatchObject({
      status: '400',
      detail: expect.stringContaining('at most 1000 bytes'),
    });
  expect((await idp.post('/Groups', { ...aGroup('Staff'), externalId: long })).body).toMatchObject({ status: '400' });
});

test('how many there are is counted once for a list that has not changed, and anew for one that has', async () => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  const idp = await newClient(acme.tenant);
  const total = async () => {
    const { result, queries } = await queriesOf(() => idp.get('/Users?count=1'));
    return [result.body.totalResults, queries.some((query) => query.includes('count(*)'))];
  };
  const { body: zoe } = await idp.post('/Users', aUser('zoe'));
  await idp.post('/Users', aUser('yan'));
  expect([await total(), await total()]).toEqual([
    [2, true],
    [2, false],
  ]);
  await idp.post('/Users', { ...aUser('sam'), emails: [{ value: acme.sam.email }] });
  expect(await total(), 'taken over').toEqual([3, true]);
  await remove(ada, { userId: zoe.id });
  expect(await total(), 'removed').toEqual([2, true]);
  await restore(ada, { userId: zoe.id });
  expect(await total(), 'restored').toEqual([3, true]);
});

test('what SCIM manages is not edited here', async () => {
  const { acme } = await cast();
  const idp = await newClient(acme.tenant);
  const { body } = await idp.post('/Users', aUser('zoe'));
  const edit = { userId: body.id, email: 'mine@x.example', firstName: 'M', lastName: 'M' };
  expect(await editProfile(await actorOf(acme.ada), edit)).toEqual({ ok: false, refusal: 'profile-managed' });
});

test('one change is one entry, and what changed nothing leaves none', async () => {
  const { acme } = await cast();
  const idp = await newClient(acme.tenant);
  const { body } = await idp.post('/Users', aUser('zoe'));
  const zoe = await born(acme.tenant.id, body.id);
  await idp.put(`/Users/${zoe.id}`, aUser('zoe', { title: 'T', name: { givenName: 'Zoë', familyName: 'Idp' } }));
  await idp.put(`/Users/${zoe.id}`, aUser('zoe', { title: 'T', name: { givenName: 'Zoë', familyName: 'Idp' } }));
  expect(await actionsOn(zoe)).toEqual(['user.profile-changed', 'user.scim-changed', 'user.created']);
});

test('two tokens of two tenants never see each other’s people or groups', async () => {
  const { acme, globex } = await cast();
  const [idp, other] = [await newClient(acme.tenant), await newClient(globex.tenant)];
  const { body: zoe } = await idp.post('/Users', aUser('zoe'));
  const { body: team } = await idp.post('/Groups', aGroup('Team', [zoe.id]));
  const { body: theirs } = await other.post('/Groups', aGroup('Theirs'));
  const deactivation = [{ op: 'replace', path: 'active', value: false }];
  const answers = [
    await other.get(`/Users/${zoe.id}`),
    await other.put(`/Users/${zoe.id}`, aUser('zoe', { active: false })),
    await other.patch(`/Users/${zoe.id}`, deactivation),
    await other.remove(`/Users/${zoe.id}`),
    await other.get(`/Groups/${team.id}`),
    await other.put(`/Groups/${team.id}`, aGroup('Mine')),
    await other.patch(`/Groups/${team.id}`, [{ op: 'remove', path: 'members' }]),
    await other.remove(`/Groups/${team.id}`),
  ];
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
  const added = await other.patch(`/Groups/${theirs.id}`, [{ op: 'add', path: 'members', value: [{ value: zoe.id }] }]);
  expect([added.status, added.body.scimType]).toEqual([400, 'invalidValue']);
  for (const filter of [`id eq "${zoe.id}"`, 'userName pr', `not (userName eq "x")`, `groups.value eq "${team.id}"`])
    expect((await other.find(filter)).body.totalResults).toBe(0);
  expect((await other.find(`members.value eq "${zoe.id}"`, '/Groups')).body.totalResults).toBe(0);
  expect((await idp.get(`/Users/${zoe.id}`)).body).toMatchObject({ active: true, groups: [{ value: team.id }] });
});
