import { beforeAll, expect, test, vi } from 'vitest';
import { readLastingKeys } from '@/db/lasting-key';
import { signInByPassword } from '@/lib/auth/sign-in';
import { invite } from '@/lib/invitations/invite';
import { actorOf, cast, FROM_TEST, PASSWORD } from '../support/cast';
import { ON_PEOPLE } from '../support/deeds';
import { newClient } from '../support/scim';

/**
 * A deed that asked for a second connection inside its transaction would wait for ever as soon as all connections of the pool
 * are held by such deeds. Where there is but one, the first does.
 */
vi.hoisted(() => {
  process.env.DATABASE_POOL_SIZE = '1';
});

// As a process does before it serves.
beforeAll(readLastingKeys);

test.each(Object.entries(ON_PEOPLE))('%s needs one connection', { timeout: 20_000 }, async (_, deed) => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  const { sessionId } = await actorOf(acme.sam);
  for (const person of [acme.sam, acme.ivy, acme.dan]) await deed(ada, person.id, sessionId);
});

test('an identity provider’s deeds need one connection', { timeout: 20_000 }, async () => {
  const { acme } = await cast();
  const okta = await newClient(acme.tenant);
  const userName = `new@${acme.tenant.slug}.example`;
  const made = await okta.post('/Users', { userName, active: true });
  expect(made.status).toBe(201);
  const path = `/Users/${made.body.id}`;
  expect((await okta.put(path, { userName, active: false })).status).toBe(200);
  expect((await okta.patch(path, [{ op: 'replace', path: 'active', value: true }])).status).toBe(200);
  const group = await okta.post('/Groups', { displayName: 'Staff', members: [{ value: made.body.id }] });
  expect(group.status).toBe(201);
  expect((await okta.remove(`/Groups/${group.body.id}`)).status).toBe(204);
  expect((await okta.remove(path)).status).toBe(204);
  expect((await okta.post('/Users', { userName, active: true })).status).toBe(201);
});

test('to sign in and to invite need one connection', { timeout: 20_000 }, async () => {
  const { acme } = await cast();
  expect((await signInByPassword({ email: acme.sam.email, password: PASSWORD }, FROM_TEST)).ok).toBe(true);
  const invited = {
    email: `eve@${acme.tenant.slug}.example`,
    firstName: '',
    lastName: '',
    role: 'standard_user',
  } as const;
  expect((await invite(await actorOf(acme.ada), invited)).ok).toBe(true);
});
