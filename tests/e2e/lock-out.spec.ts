import { expect, signIn, test, USERS } from './support/story';

const ACCESS = '/administration/access';

test('every Access page says who can administer the tenant, and warns one step from a lock-out', async ({
  page,
  acme,
}) => {
  await signIn(page, acme.admin);
  for (const path of [
    USERS,
    `${ACCESS}/api-keys`,
    `${ACCESS}/saml`,
    `${ACCESS}/scim`,
    `${ACCESS}/audit-log`,
    `${ACCESS}/security`,
  ]) {
    await page.goto(path);
    await expect(page.getByText('1 person can administer this tenant.')).toBeVisible();
    await expect(page.getByText('One step from a lock-out.')).toBeVisible();
  }
  await page.getByRole('link', { name: 'Invite another admin' }).click();
  await expect(page.getByRole('heading', { name: 'Invite' })).toBeVisible();

  const sam = await acme.add('sam');
  await page.goto(`${USERS}/${sam.id}/role`);
  await page.getByRole('button', { name: /Tenant Admin/ }).click();
  await expect(page.getByText('2 people can administer this tenant.')).toBeVisible();
  await expect(page.getByText('One step from a lock-out.')).toHaveCount(0);
});
