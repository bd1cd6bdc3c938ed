import { sqlOfProduct } from './support/database';
import { browserOf, expect, PASSWORD, signIn, test, USERS } from './support/story';

test('a form whose answer does not come keeps what was typed, and says that nobody knows whether it was done', async ({
  page,
  acme,
}) => {
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/invite`);
  const address = `grace@${acme.slug}.example`;
  await page.getByLabel('E-mail').fill(address);
  await page.getByLabel('First name').fill('Grace');
  const cut = (status: number) =>
    page.route(
      (url) => url.pathname === `${USERS}/invite`,
      (route) =>
        route.request().method() !== 'POST'
          ? route.fallback()
          : status === 0
            ? route.abort()
            : route.fulfill({ status, contentType: 'text/html', body: '<p>Too busy</p>' }),
    );
  for (const status of [0, 503]) {
    await cut(status);
    await page.getByRole('button', { name: 'Send the invitation' }).click();
    await expect(page.getByRole('alert').first()).toContainText('it is not known whether this was done');
    await expect(page.getByLabel('E-mail')).toHaveValue(address);
    await expect(page.getByLabel('First name')).toHaveValue('Grace');
    await page.unrouteAll();
  }
  await page.getByRole('button', { name: 'Send the invitation' }).click();
  await expect(page.getByRole('status').first()).toContainText('invited Grace as Standard User');
});

test('whoever sends a form after the session has ended is told, and comes back to its page', async ({ page, acme }) => {
  await signIn(page, acme.admin);
  const sql = await sqlOfProduct();
  const end = () => sql`update sessions set ended_at = now(), end_reason = 'forced' where user_id = ${acme.admin.id}`;
  const enter = async () => {
    await expect(page.getByText('what you sent was not done')).toBeVisible();
    await page.getByLabel('E-mail').fill(acme.admin.email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  };
  await page.goto(`${USERS}?sort=lastName`);
  await end();
  await page.getByRole('button', { name: 'Export CSV' }).click();
  await enter();
  await expect(page).toHaveURL(`${USERS}?sort=lastName`);
  await page.goto('/profile');
  await end();
  await page.getByRole('button', { name: 'Save' }).click();
  await enter();
  await expect(page).toHaveURL('/profile');
  await sql.end();
});

test('what was ended at one’s own profile is told', async ({ page, browser, acme }) => {
  const others = [await browserOf(browser, acme.admin), await browserOf(browser, acme.admin)];
  await signIn(page, acme.admin);
  await page.goto('/profile');
  await page.getByRole('button', { name: 'End', exact: true }).first().click();
  await expect(page.getByText('That session is ended.')).toBeFocused();
  await page.getByRole('button', { name: 'End all others' }).click();
  await expect(page.getByText('Your other sessions are ended.')).toBeFocused();
  for (const other of others) {
    await other.goto('/profile');
    await expect(other).toHaveURL(/\/sign-in/);
  }
});

test('Enter on a row’s box begins no deed', async ({ page, acme }) => {
  await signIn(page, acme.admin);
  await page.goto(USERS);
  await page.getByLabel(`Select ${acme.admin.email}`).press('Enter');
  await page.getByLabel(`Select ${acme.admin.email}`).press(' ');
  await page.getByLabel(`Select ${acme.admin.email}`).press('Enter');
  await expect(page.getByText('1 selected')).toBeVisible();
  await expect(page).toHaveURL(USERS);
});

test('a filter that was chosen before the scripts came is in force', async ({ page, acme }) => {
  await signIn(page, acme.admin);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/_next/static/**/*.js', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(USERS, { waitUntil: 'commit' });
  await page.getByLabel('Role').selectOption('standard_user');
  release();
  await page.waitForURL(/role=standard_user/);
  await expect(page.getByText('Nobody matches')).toBeVisible();
});

test('at a phone’s width the list can be sorted and selected as a whole', async ({ page, acme }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await signIn(page, acme.admin);
  await acme.add('sam');
  await page.goto(USERS);
  await page.getByRole('link', { name: 'Last Login' }).click();
  await expect(page).toHaveURL(/sort=lastLogin/);
  await page.getByLabel('Select all on this page').check();
  await expect(page.getByText('2 selected')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Email' })).toBeInViewport();
});
