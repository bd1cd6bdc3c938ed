import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { db } from '@/db/client';
import { users } from '@/db/schema/users';
import { editOwnNames } from '@/lib/auth/own-account';
import { acceptInvitation } from '@/lib/invitations/accept';
import { showInvitationLink } from '@/lib/invitations/handle';
import { call, newKey } from '../support/api';
import { actorOf, cast, FROM_TEST, PASSWORD, reread } from '../support/cast';
import { newClient } from '../support/scim';

/** Sent along wherever something is taken: the names of our columns, and those by which other products call them. */
const more = (tenantId: string) => ({
  id: '01900000-0000-7000-8000-000000000000',
  tenantId,
  tenant_id: tenantId,
  role: 'tenant_admin',
  roles: [{ value: 'tenant_admin' }],
  isAdmin: true,
  status: 'active',
  active: true,
  passwordHash: 'x',
  password_hash: 'x',
  breakGlass: true,
  mfaEnabled: true,
  samlEnabled: true,
  scimManaged: true,
  createdAt: '2000-01-01T00:00:00Z',
  __proto__: { role: 'tenant_admin' },
});

const whoseAddressIs = async (email: string) => (await db.select().from(users).where(eq(users.email, email)))[0];

test('what no form has is no field: at the API', async () => {
  const { acme, globex } = await cast();
  const { token } = await newKey(acme.ada);
  const { role: _, ...without } = more(globex.tenant.id);
  const invited = await call(token, 'POST', '/invitations', { body: { ...without, email: 'new@x.example' } });
  expect([200, 201, 422]).toContain(invited.status);
  if (invited.status !== 422)
    expect(await whoseAddressIs('new@x.example')).toMatchObject({
      tenantId: acme.tenant.id,
      status: 'invited',
      role: 'standard_user',
      passwordHash: null,
      breakGlass: false,
      mfaEnabled: false,
    });
  await call(token, 'POST', `/users/${acme.sam.id}/set-role`, {
    body: { ...more(globex.tenant.id), role: 'standard_user', userId: globex.otto.id },
  });
  expect(await reread(acme.sam)).toEqual(acme.sam);
  expect(await reread(globex.otto)).toEqual(globex.otto);
});

test('what no form has is no field: at SCIM', async () => {
  const { acme, globex } = await cast();
  const idp = await newClient(acme.tenant);
  const email = `zoe@${acme.tenant.slug}.example`;
  const made = await idp.post('/Users', { ...more(globex.tenant.id), userName: email, emails: [{ value: email }] });
  expect(made.status).toBe(201);
  const zoe = await whoseAddressIs(email);
  expect(zoe).toMatchObject({ tenantId: acme.tenant.id, role: 'standard_user', passwordHash: null, breakGlass: false });
  expect(zoe?.id).not.toBe(more('').id);
  for (const path of ['role', 'tenantId', 'breakGlass', 'passwordHash', 'urn:x:role'])
    await idp.patch(`/Users/${zoe?.id}`, [{ op: 'replace', path, value: 'tenant_admin' }]);
  await idp.patch(`/Users/${zoe?.id}`, [{ op: 'replace', value: more(globex.tenant.id) }]);
  const after = await whoseAddressIs(email);
  expect(after).toMatchObject({ id: zoe?.id, tenantId: acme.tenant.id, role: 'standard_user', breakGlass: false });
});

test('what no form has is no field: of an invited person, and of one’s own account', async () => {
  const { acme, globex } = await cast();
  const shown = await showInvitationLink(await actorOf(acme.ada), { userId: acme.ivy.id });
  const token = shown.ok ? String(shown.value.url.split('/').pop()) : '';
  const theirs = { token, firstName: 'Ivy', lastName: 'G', password: PASSWORD };
  expect((await acceptInvitation({ ...more(globex.tenant.id), ...theirs }, FROM_TEST)).ok).toBe(true);
  expect(await reread(acme.ivy)).toMatchObject({ tenantId: acme.tenant.id, role: 'standard_user', breakGlass: false });
  const names = { ...more(globex.tenant.id), userId: acme.grace.id, firstName: 'S', lastName: 'M' };
  expect((await editOwnNames(await actorOf(acme.sam), names)).ok).toBe(true);
  expect(await reread(acme.sam)).toMatchObject({ firstName: 'S', role: 'standard_user', tenantId: acme.tenant.id });
  expect(await reread(acme.grace)).toEqual(acme.grace);
});
