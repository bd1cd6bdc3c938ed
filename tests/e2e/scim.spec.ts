import type { APIRequestContext, Page } from '@playwright/test';
import { expectGoodEverywhere } from './support/accessible';
import { admin } from './support/admin';
import { browserOf, expect, PASSWORD, signIn, type Tenant, test, USERS } from './support/story';

const SCIM = '/administration/access/scim';
const API = '/api/scim/v2';

const carrier = (request: APIRequestContext, token: string) => (method: string, path: string, data?: unknown) =>
  request.fetch(`${API}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    ...(data === undefined ? {} : { data: JSON.stringify(data) }),
  });

async function tokenOf({ slug }: Tenant, name = 'Okta'): Promise<string> {
  const { json } = await admin(['scim-token', 'create', '--tenant', slug, '--name', name, '--expires', '90d']);
  return (json as { token: string }).token;
}

/** As the identity provider sends somebody who is here already. */
const asUser = (email: string, more = {}) => ({
  userName: email,
  name: { givenName: 'Sam', familyName: 'Idp' },
  emails: [{ value: email, primary: true }],
  ...more,
});

const deactivation = { Operations: [{ op: 'Replace', path: 'active', value: 'False' }] };

test('a person whom the identity provider deprovisions is out at the next click', async ({
  page,
  browser,
  request,
  acme,
}) => {
  const sam = await acme.add('sam');
  const sams = await browserOf(browser, sam);
  const idp = carrier(request, await tokenOf(acme));
  const adopted = await idp('POST', '/Users', asUser(sam.email));
  expect([adopted.status(), (await adopted.json()).id]).toEqual([201, sam.id]);
  expect((await sams.goto('/profile'))?.url()).toContain('/profile');

  expect((await idp('PATCH', `/Users/${sam.id}`, deactivation)).status()).toBe(200);
  await sams.goto('/profile');
  await expect(sams).toHaveURL(/\/sign-in/);
  await sams.getByLabel('E-mail').fill(sam.email);
  await sams.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await sams.getByRole('button', { name: 'Sign in' }).click();
  await expect(sams.getByRole('alert').first()).toContainText('The e-mail address or the password is wrong.');

  await signIn(page, acme.admin);
  await page.goto(`${USERS}/${sam.id}`);
  await expect(page.getByText('Okta, by SCIM: name and address are changed there.')).toBeVisible();
  await expect(page.locator('.trail').getByText('Okta (SCIM) took over')).toBeVisible();
  await expect(page.locator('.trail').getByText('Okta (SCIM) deactivated')).toBeVisible();
  await expect(page.getByText('the identity provider may undo this at its next sync')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Edit' })).toBeDisabled();
});

test('the last admin is kept: the provider is told why, and the page shows it', async ({ page, request, acme }) => {
  const idp = carrier(request, await tokenOf(acme));
  await idp('POST', '/Users', asUser(acme.admin.email));
  const refused = await idp('DELETE', `/Users/${acme.admin.id}`);
  expect(refused.status()).toBe(409);
  expect(refused.headers()['content-type']).toContain('application/scim+json');
  await signIn(page, acme.admin);
  await page.goto(SCIM);
  await page.getByRole('link', { name: /^Refused: This would leave the organisation without/ }).click();
  await expect(page.getByText('"status": "409"')).toBeVisible();
});

async function connect(page: Page, request: APIRequestContext, acme: Tenant): Promise<void> {
  const sam = await acme.add('sam');
  await signIn(page, acme.admin);
  await page.goto(SCIM);
  await expect(page.getByText('Nobody has signed in by SAML yet')).toBeVisible();
  await expect(page.getByLabel('Endpoint (base address)')).toHaveValue(/\/api\/scim\/v2$/);
  await page.getByRole('button', { name: 'Make token' }).click();
  await expect(page.getByRole('alert').first()).toContainText('Enter a name');
  await page.getByLabel('Name of a new token').fill('Entra ID');
  await page.getByLabel('90 days').check();
  await page.getByRole('button', { name: 'Make token' }).click();
  const token = await page.getByLabel('Token', { exact: true }).inputValue();
  expect(token).toMatch(/^rcscim_/);
  await page.goto(SCIM);
  await expect(page.getByText(token)).toHaveCount(0);

  const idp = carrier(request, token);
  await idp('POST', '/Users', asUser(sam.email));
  const group = await (
    await idp('POST', '/Groups', { displayName: 'Platform Admins', members: [{ value: sam.id }] })
  ).json();
  await page.goto(SCIM);
  await expect(page.getByText(`Took over ${sam.email}`).first()).toBeVisible();

  await page.getByRole('link', { name: 'Platform Admins', exact: true }).click();
  await expect(page.getByText(`1 person becomes Tenant Admin: ${sam.email}.`)).toBeVisible();
  await page.getByRole('button', { name: 'Give the role' }).click();
  await expect(page.getByRole('status').first()).toContainText('the role Tenant Admin: 1 person gained it');
  await page.goto(`${USERS}/${sam.id}`);
  await expect(page.getByText('By SCIM, as a member of “Platform Admins”')).toBeVisible();
  await page.getByRole('link', { name: 'the exchange that added them' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Created the group “Platform Admins”.');

  await page.goto(SCIM);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('status').first()).toContainText('paused provisioning');
  const paused = await idp('PATCH', `/Groups/${group.id}`, { Operations: [{ op: 'remove', path: 'members' }] });
  expect([paused.status(), paused.headers()['retry-after']]).toEqual([503, '300']);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('status').first()).toContainText('resumed provisioning');

  await page.getByRole('link', { name: 'Revoke Entra ID' }).click();
  await expect(page.getByText('It is the only live token')).toBeVisible();
  await page.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('status').first()).toContainText('revoked the SCIM token “Entra ID”');
  expect((await idp('GET', '/Users')).status()).toBe(401);
}

test('an admin connects a provider, maps a group, pauses and revokes', ({ page, request, acme }) =>
  connect(page, request, acme));

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('the same', ({ page, request, acme }) => connect(page, request, acme));
});

test('its pages are accessible, empty and full, wide and at 360 pixels, light and dark', async ({
  page,
  request,
  acme,
}) => {
  test.setTimeout(120_000);
  await signIn(page, acme.admin);
  const look = async (path: string, name: string) => {
    await page.goto(path);
    await expectGoodEverywhere(page, name);
  };
  await look(SCIM, 'empty');
  const LONG = 'x'.repeat(60);
  const token = await tokenOf(acme, LONG);
  const idp = carrier(request, token);
  await tokenOf(acme, 'Okta, the new one');
  await tokenOf(acme, 'Old');
  await admin(['scim-token', 'revoke', '--tenant', acme.slug, '--name', 'Old']);
  const email = `${'y'.repeat(60)}@${acme.slug}.example`;
  const zoe = await (await idp('POST', '/Users', asUser(email))).json();
  const members = [{ value: zoe.id }];
  const group = await (await idp('POST', '/Groups', { displayName: `${LONG} ${LONG} ${LONG}`, members })).json();
  await idp('POST', '/Groups', { displayName: 'Everybody' });
  await idp('POST', '/Users', asUser(email));
  await idp('GET', `/Users?filter=${encodeURIComponent('shoeSize eq "9"')}`);
  await idp('PATCH', `/Users/${zoe.id}`, { Operations: [{ op: 'replace', path: 'title', value: LONG.repeat(4) }] });
  await look(SCIM, 'full');
  await look(`${SCIM}/groups/${group.id}`, 'group');
  await page.goto(`${SCIM}/groups/${group.id}`);
  await page.getByRole('button', { name: 'Give the role' }).click();
  await page.waitForURL(/done=/);
  await look(`${SCIM}/groups/${group.id}`, 'mapped-group');
  await look(`${USERS}/${zoe.id}`, 'person');
  await page.goto(SCIM);
  const hrefOf = (name: RegExp) => page.getByRole('link', { name }).first().getAttribute('href');
  const [exchange, revoke] = [await hrefOf(/^Changed /), await hrefOf(/^Revoke /)];
  await look(String(exchange), 'exchange');
  await look(String(revoke), 'revoke');
  await look(`${SCIM}/exchanges/${zoe.id}`, 'gone-exchange');
});
