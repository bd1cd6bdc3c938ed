import { execFileSync } from 'node:child_process';
import type { Page } from '@playwright/test';
import { expectAccessible } from './support/accessible';
import { admin } from './support/admin';
import { KEYS, newKey } from './support/api-key';
import { browserOf, expect, newTenant, signIn, type Tenant, test, USERS } from './support/story';

/** The API as a script asks it. */
function curl(token: string, path: string, ...options: string[]): { status: number; json: Record<string, unknown> } {
  const url = `${process.env.E2E_ORIGIN}/api/v1${path}`;
  const out = execFileSync('curl', [
    '-s',
    '-w',
    '\n%{http_code}',
    '-H',
    `Authorization: Bearer ${token}`,
    ...options,
    url,
  ]);
  const lines = out.toString('utf8').split('\n');
  return { status: Number(lines.pop()), json: JSON.parse(lines.join('\n')) };
}

async function makeUseAndLose(page: Page, acme: Tenant): Promise<void> {
  const grace = await acme.add('grace', 'tenant_admin');
  const sam = await acme.add('sam');
  await signIn(page, grace);
  const { token } = await newKey(page, 'Nightly report');
  expect(page.url()).not.toContain(token.slice(0, 12));
  await page.goto(page.url());
  await expect(page.getByText(token)).toHaveCount(0);
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('');

  expect(curl(token, '/users?q=sam')).toMatchObject({ status: 200, json: { data: [{ email: sam.email }] } });
  expect(curl(token, `/users/${sam.id}/set-role`, '--json', '{"role":"tenant_admin"}')).toMatchObject({
    status: 200,
    json: { role: 'tenant_admin' },
  });
  await page.goto(`${USERS}/${sam.id}`);
  await expect(page.locator('.trail summary').first()).toContainText(
    'Grace Acme (API key “Nightly report”) made Sam Acme a Tenant Admin',
  );
  await page.goto(KEYS);
  await expect(page.getByRole('row', { name: /Nightly report/ })).toContainText('just now');

  await page.context().clearCookies();
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/${grace.id}/deactivate`);
  await expect(page.getByText('1 API key is revoked at once and for good.')).toBeVisible();
  await page.getByRole('button', { name: 'Deactivate' }).click();
  await expect(page.getByRole('status').first()).toContainText('1 API key revoked');
  expect(curl(token, '/users')).toMatchObject({ status: 401, json: { code: 'no-key' } });
  await page.getByRole('button', { name: 'Reactivate' }).click();
  await expect(page.getByRole('status').first()).toContainText('reactivated Grace Acme');
  expect(curl(token, '/users').status).toBe(401);
}

test('a key is made, used by curl, and dies with its creator’s access', async ({ page, acme }) => {
  await makeUseAndLose(page, acme);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('the same', async ({ page, acme }) => {
    await makeUseAndLose(page, acme);
  });
});

test('a key is revoked after a look at what that means', async ({ page, acme }) => {
  await signIn(page, acme.admin);
  const { token } = await newKey(page, 'Deploy');
  await expectAccessible(page, 'a new key');
  expect(curl(token, '/users').status).toBe(200);
  await newKey(page, 'deploy 2');
  await page.goto(`${KEYS}/new`);
  await page.getByLabel('Name', { exact: true }).fill('DEPLOY');
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('alert').first()).toContainText('already an API key of this name');

  await page.goto(KEYS);
  await page.getByRole('link', { name: 'Revoke Deploy', exact: true }).click();
  await expect(page.getByText('Its next request is refused.')).toBeVisible();
  await expectAccessible(page, 'before a revocation');
  await page.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('status').first()).toContainText('Ada Acme revoked their API key “Deploy”.');
  await expectAccessible(page, 'keys');
  expect(curl(token, '/users').status).toBe(401);
});

test('another tenant’s key does not exist, and a demoted admin’s is refused until they are one again', async ({
  page,
  browser,
  acme,
}) => {
  const tom = await acme.add('tom', 'tenant_admin');
  const toms = await browserOf(browser, tom);
  const { token } = await newKey(toms, 'Tom’s');
  await toms.goto(KEYS);
  const revoke = await toms.getByRole('link', { name: /^Revoke/ }).getAttribute('href');
  const globex = await newTenant('Globex');
  await signIn(page, globex.admin);
  expect((await page.goto(String(revoke)))?.status()).toBe(404);
  await expect(page.getByText('No such API key')).toBeVisible();

  const role = (to: string) => admin(['user', 'set-role', '--tenant', acme.slug, '--email', tom.email, '--role', to]);
  await role('standard_user');
  expect(curl(token, '/users')).toMatchObject({ status: 403, json: { code: 'not-allowed' } });
  await role('tenant_admin');
  expect(curl(token, '/users').status).toBe(200);
});
