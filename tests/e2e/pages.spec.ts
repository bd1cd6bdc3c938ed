import { admin } from './support/admin';
import { expect, expectAccessible, signIn, type Tenant, test, USERS } from './support/story';

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

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    test('every page and state is accessible, wide and at 360 pixels', async ({ page, acme }) => {
      test.setTimeout(120_000);
      const { sam, dan, gone } = await peopled(acme);
      for (const path of [
        '/sign-in',
        '/forgot-password',
        '/reset-password/x',
        '/invitations/x',
        '/setup',
        '/sign-in/nobody',
        '/sign-in/nobody/finish?arrival=x',
      ]) {
        await page.goto(path);
        await expectAccessible(page, path);
      }
      await signIn(page, acme.admin);
      const pages = [
        '/',
        '/profile',
        USERS,
        `${USERS}?q=nobody-at-all`,
        `${USERS}?status=removed`,
        `${USERS}/invite`,
        `${USERS}/import`,
        `${USERS}/bulk?deed=remove&ids=${sam.id}&ids=${dan.id}`,
        `${USERS}/${acme.admin.id}`,
        `${USERS}/${sam.id}`,
        `${USERS}/${dan.id}`,
        `${USERS}/${gone.id}`,
        ...['edit', 'role', 'deactivate', 'sign-out', 'remove'].map((deed) => `${USERS}/${sam.id}/${deed}`),
        `${USERS}/nobody`,
        '/administration/access/saml',
        '/administration/access/saml/metadata',
      ];
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 800 });
        for (const path of pages) {
          await page.goto(path);
          await expectAccessible(page, `${path} at ${width}`);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect([path, width, overflow <= 0]).toEqual([path, width, true]);
        }
      }
    });
  });
}

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
