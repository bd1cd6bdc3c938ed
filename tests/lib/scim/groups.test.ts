import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { mails } from '@/db/schema/mails';
import { sentence } from '@/lib/audit/sentence';
import { readReasons } from '@/lib/audit/why';
import { provisioningOf } from '@/lib/scim/connection';
import { MOST_MEMBERS } from '@/lib/scim/group-change';
import { mapGroup } from '@/lib/scim/groups';
import { listExchanges } from '@/lib/scim/recorder';
import { planGroupRoles } from '@/lib/users/group-roles';
import { eraseRemoved, remove, restore } from '@/lib/users/remove';
import { changeRole } from '@/lib/users/role';
import { actorOf, cast, reread } from '../../support/cast';
import { queriesOf } from '../../support/count-queries';
import { unwrapped } from '../../support/jobs';
import { race } from '../../support/race';
import { aGroup, aUser, type Client, newClient } from '../../support/scim';
import { trailOf } from '../../support/trail';

const adopt = async (idp: Client, { email }: { email: string }) =>
  (await idp.post('/Users', aUser('x', { userName: email, emails: [{ value: email }] }))).body.id as string;

async function mapped() {
  const { acme, globex } = await cast();
  const idp = await newClient(acme.tenant);
  const ada = await actorOf(acme.ada);
  const sam = await adopt(idp, acme.sam);
  const { body } = await idp.post('/Groups', aGroup('Admins', [sam]));
  const path = `/Groups/${body.id}`;
  const add = (...ids: string[]) =>
    idp.patch(path, [{ op: 'add', path: 'members', value: ids.map((value) => ({ value })) }]);
  const drop = (id: string) => idp.patch(path, [{ op: 'remove', path: `members[value eq "${id}"]` }]);
  const map = (role: 'tenant_admin' | null) => mapGroup(ada, { groupId: body.id, role });
  return { acme, globex, idp, ada, groupId: body.id as string, path, add, drop, map };
}

describe('a group with a role', () => {
  test('gives it to its members when it is mapped, as the dry run said', async () => {
    const { acme, map, groupId } = await mapped();
    const [foreseen] = await planGroupRoles(acme.tenant.id, { groupId, asIf: 'tenant_admin' });
    expect(foreseen).toMatchObject({
      user: { id: acme.sam.id },
      after: 'tenant_admin',
      group: { id: groupId, name: 'Admins' },
    });
    expect((await reread(acme.sam)).role).toBe('standard_user');
    expect(await map('tenant_admin')).toMatchObject({ ok: true });
    expect(await reread(acme.sam)).toMatchObject({ role: 'tenant_admin', roleManagedBy: 'scim' });
    const told = await db.select().from(mails).where(eq(mails.userId, acme.sam.id));
    expect(told.map(({ kind }) => kind)).toEqual(['security']);
    const back = await planGroupRoles(acme.tenant.id, { groupId, asIf: null });
    expect(back).toMatchObject([{ after: 'standard_user', group: null }]);
    expect(await map(null)).toMatchObject({ ok: true });
    expect(await reread(acme.sam)).toMatchObject({ role: 'standard_user', roleManagedBy: null });
  });

  test('gives it to whoever joins and takes it from whoever leaves, at once', async () => {
    const { acme, idp, map, add, drop } = await mapped();
    await map('tenant_admin');
    const ivy = await adopt(idp, acme.ivy);
    expect((await add(ivy)).status).toBe(204);
    expect(await reread(acme.ivy)).toMatchObject({ role: 'tenant_admin', roleManagedBy: 'scim' });
    expect((await drop(ivy)).status).toBe(204);
    expect(await reread(acme.ivy)).toMatchObject({ role: 'standard_user', roleManagedBy: null });
  });

  test('is why: the entry names the group and the exchange', async () => {
    const { acme, idp, map, add } = await mapped();
    await map('tenant_admin');
    await add(await adopt(idp, acme.ivy));
    const { groups, managedBy } = await provisioningOf(await reread(acme.ivy));
    const { role: roleEntry } = await readReasons(acme.ivy);
    expect([managedBy, groups.map(({ name }) => name)]).toEqual(['Okta', ['Admins']]);
    const [added] = await listExchanges(acme.tenant.id);
    expect(groups[0]?.exchangeId).toBe(added?.id);
    expect(roleEntry?.details).toMatchObject({
      group: { name: 'Admins' },
      exchangeId: added?.id,
    });
    expect(roleEntry && sentence(roleEntry)).toBe(`Okta (SCIM) made X Idp a Tenant Admin by the group “Admins”`);
  });

  test('decides alone: the role is not changed here', async () => {
    const { acme, ada, map } = await mapped();
    await map('tenant_admin');
    expect(await changeRole(ada, { userId: acme.sam.id, role: 'standard_user' })).toEqual({
      ok: false,
      refusal: 'role-managed',
    });
  });

  test.each(['by leaving', 'by PUT', 'by deletion of the group', 'by deletion of the person'])(
    'loses the role %s',
    async (how) => {
      const { acme, idp, map, path, drop, ada } = await mapped();
      await map('tenant_admin');
      if (how === 'by leaving') await drop(acme.sam.id);
      else if (how === 'by PUT') await idp.put(path, aGroup('Admins'));
      else if (how === 'by deletion of the group') expect((await idp.remove(path)).status).toBe(204);
      else {
        expect((await idp.remove(`/Users/${acme.sam.id}`)).status).toBe(204);
        expect((await idp.get(path)).body).not.toHaveProperty('members');
        expect(await restore(ada, { userId: acme.sam.id })).toMatchObject({ ok: true });
      }
      expect(await reread(acme.sam)).toMatchObject({ role: 'standard_user', roleManagedBy: null, status: 'active' });
      const last = (await trailOf(acme.sam)).find(({ action }) => action === 'user.role-mapped');
      expect(last && sentence(last)).toContain('they are in no group any more that gives a role');
    },
  );

  test('of two groups with the role, one is enough', async () => {
    const { acme, idp, ada, map, drop } = await mapped();
    await map('tenant_admin');
    const { body } = await idp.post('/Groups', aGroup('Owners', [acme.sam.id]));
    await mapGroup(ada, { groupId: body.id, role: 'tenant_admin' });
    await drop(acme.sam.id);
    expect((await reread(acme.sam)).role).toBe('tenant_admin');
    await idp.remove(`/Groups/${body.id}`);
    expect((await reread(acme.sam)).role).toBe('standard_user');
  });

  test('does not take the last admin who can sign in, by any way, and then nothing of the request holds', async () => {
    const { globex } = await cast();
    const idp = await newClient(globex.tenant);
    const mallory = await actorOf(globex.mallory);
    const id = await adopt(idp, globex.mallory);
    const { body } = await idp.post('/Groups', aGroup('Admins', [id]));
    const path = `/Groups/${body.id}`;
    await mapGroup(mallory, { groupId: body.id, role: 'tenant_admin' });
    const before = (await idp.get(path)).body;
    const answers = [
      await idp.patch(path, [
        { op: 'replace', path: 'displayName', value: 'Renamed' },
        { op: 'remove', path: `members[value eq "${id}"]` },
      ]),
      await idp.patch(path, [{ op: 'remove', path: 'members' }]),
      await idp.put(path, aGroup('Renamed')),
      await idp.remove(path),
      await idp.remove(`/Users/${id}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 409));
    expect(await mapGroup(mallory, { groupId: body.id, role: null })).toEqual({ ok: false, refusal: 'last-admin' });
    expect((await idp.get(path)).body).toEqual(before);
    expect(await reread(globex.mallory)).toMatchObject({ role: 'tenant_admin', status: 'active' });
  });

  test('two admins taken out at the same moment: one remains', async () => {
    for (let round = 0; round < 4; round++) {
      const { acme, idp, path, add, map } = await mapped();
      const ids = [await adopt(idp, acme.ada), await adopt(idp, acme.grace)];
      await add(...ids);
      await map('tenant_admin');
      await idp.patch(path, [{ op: 'remove', path: `members[value eq "${acme.sam.id}"]` }]);
      const answers = await race(
        ids.map((id) => () => idp.patch(path, [{ op: 'remove', path: `members[value eq "${id}"]` }])),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    }
  });

  test('is mapped by an admin of its own tenant alone', async () => {
    const { acme, globex, groupId } = await mapped();
    expect(await mapGroup(await actorOf(globex.mallory), { groupId, role: 'tenant_admin' })).toEqual({
      ok: false,
      refusal: 'group-not-found',
    });
    expect(await mapGroup(await actorOf(acme.sam), { groupId, role: 'tenant_admin' })).toEqual({
      ok: false,
      refusal: 'not-allowed',
    });
    expect((await reread(acme.sam)).role).toBe('standard_user');
  });
});

describe('members', () => {
  test('a group within a group is refused clearly, also where the type says it', async () => {
    const { idp, groupId, path } = await mapped();
    const { body: inner } = await idp.post('/Groups', aGroup('Inner'));
    for (const member of [{ value: inner.id }, { value: groupId }, { value: 'x', type: 'Group' }]) {
      const answers = [
        await idp.patch(path, [{ op: 'add', path: 'members', value: [member] }]),
        await idp.post('/Groups', { displayName: 'Outer', members: [member] }),
      ];
      for (const { status, body } of answers)
        expect([status, body.detail]).toEqual([400, expect.stringContaining('Groups within groups')]);
    }
    expect((await idp.find('displayName eq "Outer"', '/Groups')).body.totalResults).toBe(0);
  });

  test('somebody who is not there is refused by name, and nobody is added', async () => {
    const { acme, idp, path } = await mapped();
    const ivy = await adopt(idp, acme.ivy);
    for (const value of ['nonsense', acme.dan.id, '0b6b1b1e-0000-7000-8000-000000000000']) {
      const { status, body } = await idp.patch(path, [
        { op: 'add', path: 'members', value: [{ value: ivy }, { value }] },
      ]);
      expect([status, body.scimType, body.detail]).toEqual([400, 'invalidValue', expect.stringContaining(value)]);
    }
    expect((await idp.get(path)).body.members).toHaveLength(1);
  });

  test.each(['removed', 'erased'])('somebody %s here keeps nobody in the group who is taken out of it', async (how) => {
    const { acme, idp, path, map } = await mapped();
    const [ivy, dan] = [await adopt(idp, acme.ivy), await adopt(idp, acme.dan)];
    const all = (...ids: string[]) => aGroup('Admins', ids);
    await idp.put(path, all(acme.sam.id, ivy, dan));
    await map('tenant_admin');
    unwrapped(await remove(await actorOf(acme.ada), { userId: dan }));
    if (how === 'erased') await eraseRemoved(new Date(Date.now() + 40 * 86_400_000));
    expect((await idp.put(path, all(ivy, dan))).status).toBe(200);
    expect((await idp.get(path)).body.members).toEqual([expect.objectContaining({ value: ivy })]);
    expect((await reread(acme.sam)).role).toBe('standard_user');
  });

  test('operations hold in their order', async () => {
    const { acme, idp, path } = await mapped();
    const ivy = await adopt(idp, acme.ivy);
    const dan = await adopt(idp, acme.dan);
    const one = (op: string, id: string) => ({ op, path: 'members', value: [{ value: id }] });
    const after = async (...operations: unknown[]) => {
      expect((await idp.patch(path, operations)).status).toBe(204);
      return ((await idp.get(path)).body.members ?? []).map(({ value }: { value: string }) => value).sort();
    };
    expect(await after(one('add', ivy), one('remove', ivy))).toEqual([acme.sam.id]);
    expect(await after(one('remove', ivy), one('add', ivy))).toEqual([acme.sam.id, ivy].sort());
    expect(await after(one('add', dan), one('replace', ivy))).toEqual([ivy]);
    expect(
      await after({ op: 'remove', path: 'members' }, one('add', dan), one('add', ivy), one('remove', dan)),
    ).toEqual([ivy]);
    expect(await after({ op: 'replace', value: { members: [{ value: dan }], displayName: 'Renamed' } })).toEqual([dan]);
    for (const op of ['add', 'remove']) expect(await after({ op, path: 'members', value: [] })).toEqual([dan]);
    expect(await after({ op: 'Add', value: { members: [] } })).toEqual([dan]);
    expect(await after({ op: 'replace', path: 'members', value: [] })).toEqual([]);
  });

  test('thousands of them are a fixed number of statements', async () => {
    const { acme } = await cast();
    const idp = await newClient(acme.tenant);
    const make = async (from: number, to: number) => {
      const made: string[] = [];
      for (let n = from; n < to; n++) made.push((await idp.post('/Users', aUser(`n${n}`))).body.id);
      return made;
    };
    const { body } = await idp.post('/Groups', aGroup('All'));
    const [few, many] = [await make(0, 2), await make(2, 62)];
    const adding = (ids: string[]) => () =>
      idp.patch(`/Groups/${body.id}`, [{ op: 'add', path: 'members', value: ids.map((value) => ({ value })) }]);
    const ofFew = await queriesOf(adding(few));
    const ofMany = await queriesOf(adding(many));
    expect([ofFew.result.status, ofMany.result.status]).toEqual([204, 204]);
    expect(ofMany.queries.length).toBe(ofFew.queries.length);
    expect((await idp.get(`/Groups/${body.id}`)).body.members).toHaveLength(62);
    // Nor does it take longer for many that their role changes, while sign-ins of the tenant wait.
    const ada = await actorOf(acme.ada);
    const { queries } = await queriesOf(() => mapGroup(ada, { groupId: body.id, role: 'tenant_admin' }));
    expect(queries.length).toBeLessThan(20);
    expect(await db.$count(mails, eq(mails.tenantId, acme.tenant.id))).toBeGreaterThan(61);
  });

  test('too many in one request are refused: 413, in words', async () => {
    const { idp, path } = await mapped();
    const value = Array.from({ length: MOST_MEMBERS + 1 }, (_, n) => ({
      value: `0b6b1b1e-0000-7000-8000-${String(n).padStart(12, '0')}`,
    }));
    const { status, body } = await idp.patch(path, [{ op: 'add', path: 'members', value }]);
    expect([status, body.status, body.detail]).toEqual([413, '413', expect.stringContaining(String(MOST_MEMBERS))]);
  });

  test('the name of a group is unique regardless of case', async () => {
    const { idp, path } = await mapped();
    const { body: other } = await idp.post('/Groups', aGroup('Other'));
    const answers = [
      await idp.post('/Groups', aGroup('ADMINS')),
      await idp.patch(path, [{ op: 'replace', path: 'displayName', value: 'OTHER' }]),
      await idp.put(`/Groups/${other.id}`, aGroup('admins')),
    ];
    expect(answers.map(({ status, body }) => [status, body.scimType])).toEqual(answers.map(() => [409, 'uniqueness']));
  });
});
