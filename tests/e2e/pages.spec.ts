import type { Page } from '@playwright/test';
import { expectGoodEverywhere } from './support/accessible';
import { admin } from './support/admin';
import { expect, signIn, type Tenant, test, USERS } from './support/story';

const AUDIT = '/administration/access/audit-log';
const KEYS = '/administration/access/api-keys';
const NOBODY = '01900000-0000-7000-8000-000000000000';
const LONG = 'x'.repeat(60);

/** A tenant with somebody in each state, and somebody with very long names. */
async function peopled(acme: Tenant) {
  const invite = (name: string) =>
    admin([
      'invitation',
      'create',
      '--tenant',
      acme.slug,
      '--email',
      `${name}@${acme.slug}.example`,
      '--first-name',
      LONG,
      '--last-name',
      LONG,
    ]);
  const [sam, dan, gone] = [await acme.add('sam'), await acme.add('dan'), await acme.add('gone')];
  await invite(`${LONG}.long`);
  await admin(['user', 'deactivate', '--tenant', acme.slug, '--email', dan.email]);
  await admin(['user', 'remove', '--tenant', acme.slug, '--email', gone.email]);
  return { sam, dan, gone };
}

async function lookAt(page: Page, paths: string[]): Promise<void> {
  for (const path of paths) {
    await page.goto(path);
    await expectGoodEverywhere(page, path);
  }
}

test.describe('every page and state is accessible, wide and at 360 pixels, light and dark', () => {
  test.setTimeout(180_000);

  test('of those who are not in yet, and of the list', async ({ page, acme }) => {
    await peopled(acme);
    await lookAt(page, [
      '/sign-in',
      '/forgot-password',
      '/reset-password/x',
      '/invitations/x',
      '/setup',
      '/sign-in/nobody',
      '/sign-in/nobody/finish?arrival=x',
    ]);
    await signIn(page, acme.admin);
    await lookAt(page, [
      '/',
      USERS,
      `${USERS}?q=nobody-at-all`,
      `${USERS}?status=removed`,
      `${USERS}/invite`,
      `${USERS}/import`,
      // A job's own page is looked at in each of its states by its own stories.
      `${USERS}/jobs`,
      ...[
        '',
        '/confirm',
        '/not-me',
        '/second-factor/app',
        '/second-factor/passkey',
        '/second-factor/recovery-codes',
      ].map((page) => `/profile${page}`),
    ]);
  });

  test('of a person', async ({ page, acme }) => {
    const { sam, dan, gone } = await peopled(acme);
    await signIn(page, acme.admin);
    await lookAt(page, [
      `${USERS}/bulk?deed=remove&ids=${sam.id}&ids=${dan.id}`,
      `${USERS}/bulk?deed=remove&all=yes&role=standard_user`,
      `${USERS}/${acme.admin.id}`,
      `${USERS}/${sam.id}`,
      `${USERS}/${dan.id}`,
      `${USERS}/${gone.id}`,
      ...['edit', 'role', 'deactivate', 'sign-out', 'reset-second-factor', 'remove'].map(
        (deed) => `${USERS}/${sam.id}/${deed}`,
      ),
      `${USERS}/nobody`,
    ]);
  });

  test('of the rest of the administration', async ({ page, acme }) => {
    await signIn(page, acme.admin);
    await lookAt(page, [
      // Its other pages and states are looked at by its own stories.
      '/administration/access/scim',
      '/administration/access/security',
      '/administration/access/saml',
      '/administration/access/saml/metadata',
      AUDIT,
      `${AUDIT}?q=nobody-at-all`,
      KEYS,
      `${KEYS}/new`,
      `${KEYS}/reference`,
      `${KEYS}/${NOBODY}/revoke`,
    ]);
  });
});

test('the list is worked by keyboard alone', async ({ page, acme }) => {
  const sam = await acme.add('sam');
  await signIn(page, acme.admin);
  await page.goto(USERS);
  await page.keyboard.press('Tab');
  await expect(page.getByText('Skip to the content')).toBeFocused();
  await page.keyboard.press('Enter');
  await page.getByRole('searchbox').focus();
  await page.keyboard.type('sam');
  await expect(page.getByText('1 of 1')).toBeVisible();
  await expect(page.getByRole('searchbox')).toBeFocused();
  await page.getByLabel(`Select ${sam.email}`).focus();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: sam.email })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Sam Acme' })).toBeVisible();
});

test('a filter is chosen by arrow keys, one after the other, and going back shows the one before', async ({
  page,
  acme,
}) => {
  await signIn(page, acme.admin);
  await page.goto(USERS);
  const status = page.getByLabel('Status');
  await status.focus();
  for (const [key, value] of [
    ['ArrowDown', 'active'],
    ['ArrowDown', 'invited'],
    ['ArrowDown', 'expired'],
    ['ArrowUp', 'invited'],
  ] as const) {
    await page.keyboard.press(key);
    await expect(page).toHaveURL(new RegExp(`status=${value}`));
    await expect(status).toBeFocused();
    await expect(status).toHaveValue(value);
  }
  await page.goBack();
  await expect(page).toHaveURL(/status=expired/);
  await expect(status).toHaveValue('expired');
  await page.getByRole('link', { name: 'Clear', exact: true }).click();
  await expect(status).toHaveValue('');
});

test('letters that are typed while an answer arrives are not lost', async ({ page, acme }) => {
  await acme.add('sam');
  await acme.add('steve');
  await signIn(page, acme.admin);
  await page.goto(USERS);
  await page.route(/_rsc=/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 600));
    await route.continue();
  });
  const search = page.getByRole('searchbox');
  await search.pressSequentially('s');
  const answered = page.waitForResponse((response) => response.url().includes('q=s&') || /q=s$/.test(response.url()));
  await page.waitForRequest(/q=s(&|$)/);
  await page.waitForTimeout(450);
  await search.pressSequentially('am');
  await answered;
  await expect(page).toHaveURL(/q=sam/);
  await expect(page.getByText('1 of 1')).toBeVisible();
  await expect(search).toHaveValue('sam');
});

test('a view is its address: filtered, sorted, sized, shared and remembered', async ({ page, browser, acme }) => {
  await acme.add('sam');
  await signIn(page, acme.admin);
  await page.goto(USERS);
  await page.getByLabel('Role').selectOption('tenant_admin');
  await expect(page).toHaveURL(/role=tenant_admin/);
  await expect(page.getByText('1 of 1')).toBeVisible();
  await page.getByRole('link', { name: 'Clear' }).click();
  await expect(page.getByText('2 of 2')).toBeVisible();
  await page.getByRole('link', { name: 'First Name' }).click();
  await expect(page).toHaveURL(/sort=firstName/);
  await expect(page.getByRole('columnheader', { name: 'First Name' })).toHaveAttribute('aria-sort', 'ascending');
  await page.getByRole('link', { name: 'First Name' }).click();
  await expect(page).toHaveURL(/dir=desc/);
  await expect(page.getByRole('row').nth(1)).toContainText('Sam');
  await page.getByLabel('Rows on a page').selectOption('25');
  await expect(page).toHaveURL(/size=25/);
  const shared = page.url();
  await page.goto(USERS);
  await expect(page.getByLabel('Rows on a page')).toHaveValue('25');
  const other = await (await browser.newContext()).newPage();
  await signIn(other, acme.admin);
  await other.goto(shared);
  await expect(other.getByRole('row').nth(1)).toContainText('Sam');
});

test('the row is one link, wherever it is clicked, and the checkbox is not part of it', async ({ page, acme }) => {
  const sam = await acme.add('sam');
  await signIn(page, acme.admin);
  await page.goto(USERS);
  await page.getByLabel(`Select ${sam.email}`).click();
  await expect(page).toHaveURL(USERS);
  const cell = await page
    .getByRole('row', { name: new RegExp(sam.email) })
    .getByRole('cell', { name: 'Acme', exact: true })
    .boundingBox();
  await page.mouse.click((cell?.x ?? 0) + (cell?.width ?? 0) - 4, (cell?.y ?? 0) + 4);
  await expect(page).toHaveURL(new RegExp(sam.id));
});

test('times are shown in the reader’s zone, exact on hover', async ({ page, acme }) => {
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/${acme.admin.id}`);
  await page.reload();
  await expect(page.locator('time').first()).toHaveAttribute('title', /(CET|CEST|GMT\+[12])/);
});

test('the filtered list is downloaded as CSV', async ({ page, acme }) => {
  await acme.add('sam');
  await signIn(page, acme.admin);
  await page.goto(`${USERS}?role=tenant_admin`);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^users-.*\.csv$/);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  const csv = Buffer.concat(chunks).toString('utf8');
  expect(csv).toContain(acme.admin.email);
  expect(csv).not.toContain('sam@');
});
