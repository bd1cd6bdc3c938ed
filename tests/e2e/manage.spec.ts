import type { Page } from '@playwright/test';
import { expectAccessible } from './support/accessible';
import { admin } from './support/admin';
import { sqlOfProduct } from './support/database';
import { linkUnder } from './support/mail';
import { browserOf, expect, PASSWORD, signIn, type Tenant, test, USERS } from './support/story';

const open = async (page: Page, email: string) => {
  await page.goto(`${USERS}?q=${encodeURIComponent(email)}`);
  await page.getByRole('link', { name: email }).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
};

/** Rule 1, as the person at the other browser meets it. */
async function deactivateAndRefuse(page: Page, sams: Page, acme: Tenant, sam: { email: string }): Promise<void> {
  await signIn(page, acme.admin);
  await open(page, sam.email);
  await page.getByRole('link', { name: 'Deactivate' }).click();
  await expect(page.getByText('1 session ends at once')).toBeVisible();
  await page.getByRole('button', { name: 'Deactivate' }).click();
  await expect(page.getByRole('status').first()).toContainText('Ada Acme deactivated Sam Acme: 1 session ended');

  await sams.goto('/profile');
  await expect(sams).toHaveURL(/\/sign-in/);
  await sams.getByLabel('E-mail').fill(sam.email);
  await sams.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await sams.getByRole('button', { name: 'Sign in' }).click();
  await expect(sams.getByRole('alert').first()).toContainText('The e-mail address or the password is wrong.');

  await page.getByRole('button', { name: 'Reactivate' }).click();
  await expect(page.getByRole('status').first()).toContainText('reactivated Sam Acme');
  await signIn(sams, sam);
}

test('a deactivated person is out at once, and in again when reactivated', async ({ page, browser, acme }) => {
  const sam = await acme.add('sam');
  await deactivateAndRefuse(page, await browserOf(browser, sam), acme, sam);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('the same', async ({ page, browser, acme }) => {
    const sam = await acme.add('sam');
    await deactivateAndRefuse(page, await browserOf(browser, sam, { javaScriptEnabled: false }), acme, sam);
  });
});

test('a changed role counts from the next click, and stepping down is possible while another remains', async ({
  page,
  browser,
  acme,
}) => {
  const sam = await acme.add('sam');
  const sams = await browserOf(browser, sam);
  expect((await sams.goto(USERS))?.status()).toBe(403);
  await expect(sams.getByText(`Ada Acme (${acme.admin.email})`)).toBeVisible();

  await signIn(page, acme.admin);
  await open(page, acme.admin.email);
  await expect(page.getByText('This is the last Tenant Admin who can sign in.').first()).toBeVisible();

  await open(page, sam.email);
  await page.getByRole('link', { name: 'Change role' }).click();
  await page.getByRole('button', { name: 'Make Tenant Admin' }).click();
  await expect(page.getByRole('status').first()).toContainText('Ada Acme made Sam Acme a Tenant Admin');
  expect((await sams.goto(USERS))?.status()).toBe(200);

  await open(page, acme.admin.email);
  await page.getByRole('link', { name: 'Change role' }).click();
  await expect(page.getByText('1 other Tenant Admin who can sign in remains.')).toBeVisible();
  await page.getByRole('button', { name: 'Make Standard User' }).click();
  await expect(page.getByText('as Standard User')).toBeVisible();
  expect((await page.goto(USERS))?.status()).toBe(403);
});

test('one session or all are ended by an admin', async ({ page, browser, acme }) => {
  const sam = await acme.add('sam');
  const [one, two] = [await browserOf(browser, sam), await browserOf(browser, sam)];
  await signIn(page, acme.admin);
  await open(page, sam.email);
  await expect(page.getByText('Signed in 2 times.')).toBeVisible();
  await page.getByRole('button', { name: 'End', exact: true }).first().click();
  await expect(page.getByRole('status').first()).toContainText('ended a session of');
  await expect(page.getByText('Signed in on one device.')).toBeVisible();
  await Promise.all([one.goto('/profile'), two.goto('/profile')]);
  expect([one, two].filter((each) => each.url().endsWith('/profile'))).toHaveLength(1);

  await page.getByRole('link', { name: 'Force sign-out' }).click();
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(page.getByRole('status').first()).toContainText('1 session ended');
  await Promise.all([one.goto('/profile'), two.goto('/profile')]);
  for (const each of [one, two]) expect(each.url()).toContain('/sign-in');
});

test('removal asks for the address, and can be undone', async ({ page, browser, acme }) => {
  const sam = await acme.add('sam');
  const sams = await browserOf(browser, sam);
  await signIn(page, acme.admin);
  await open(page, sam.email);
  await page.getByRole('link', { name: 'Remove' }).click();
  await page.getByLabel(/Type .* to confirm/).fill('somebody else');
  await page.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('alert').first()).toContainText('is not the person’s e-mail address');
  await page.getByLabel(/Type .* to confirm/).fill(sam.email.toUpperCase());
  await page.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('status').first()).toContainText('removed Sam Acme: 1 session ended');
  await sams.goto('/');
  await expect(sams).toHaveURL(/\/sign-in/);
  await page.goto(`${USERS}?q=${sam.email}`);
  await expect(page.getByText('Nobody matches')).toBeVisible();

  await page.goto(`${USERS}?status=removed`);
  await page.getByRole('link', { name: sam.email }).click();
  await page.getByRole('button', { name: 'Restore' }).click();
  await expect(page.getByRole('status').first()).toContainText('restored Sam Acme');
  await signIn(sams, sam);
});

test('many at once: each is done or named with its reason', async ({ page, acme }) => {
  const [sam, tom] = [await acme.add('sam'), await acme.add('tom')];
  await signIn(page, acme.admin);
  await page.goto(USERS);
  await page.getByLabel('Select all on this page').check();
  await expect(page.getByText('3 selected')).toBeVisible();
  await page.getByRole('toolbar').getByRole('button', { name: 'Deactivate' }).click();
  await expect(page.getByRole('heading', { name: '2 of 3 will be deactivated' })).toBeVisible();
  await expect(page.getByText(`${acme.admin.email}: You cannot do this to yourself.`)).toBeVisible();
  await page.getByRole('button', { name: /^Deactivate/ }).click();
  await expect(page.getByRole('status').first()).toContainText('2 people were deactivated: 0 sessions ended.');
  await expect(page.getByText(`${acme.admin.email}: You cannot do this to yourself.`)).toBeVisible();
  await page.getByRole('link', { name: 'Back to the list' }).click();
  for (const { email } of [sam, tom])
    await expect(page.getByRole('row', { name: new RegExp(email) })).toContainText('Deactivated');
});

/** One's own turn comes last: before it the page tells what was done to the others. */
async function signOutManyAndOneself(page: Page, sams: Page, acme: Tenant, sam: { id: string }): Promise<void> {
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/bulk?deed=sign-out&ids=${acme.admin.id}&ids=${sam.id}`);
  await expect(page.getByRole('heading', { name: '1 of 2 will be signed out' })).toBeVisible();
  await expect(page.getByText('1 session ends at once')).toBeVisible();
  await expect(page.getByText(`${acme.admin.email}: This is you`)).toBeVisible();
  await page.getByRole('button', { name: 'Force sign-out: 1' }).click();
  await expect(page.getByRole('status').first()).toContainText('1 person was signed out: 1 session ended.');
  await sams.goto('/profile');
  await expect(sams).toHaveURL(/\/sign-in/);
  await page.getByRole('link', { name: 'Go on with yourself' }).click();
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
}

test('many and oneself are signed out, and what was done is told first', async ({ page, browser, acme }) => {
  const sam = await acme.add('sam');
  await signOutManyAndOneself(page, await browserOf(browser, sam), acme, sam);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('the same with many and oneself', async ({ page, browser, acme }) => {
    const sam = await acme.add('sam');
    const sams = await browserOf(browser, sam, { javaScriptEnabled: false });
    await signOutManyAndOneself(page, sams, acme, sam);
  });
});

test('what cannot be done is disabled and says why', async ({ page, acme }) => {
  await signIn(page, acme.admin);
  const naming = (email: string) => ['--tenant', acme.slug, '--email', email];
  const ivy = `ivy@${acme.slug}.example`;
  const { userId } = (await admin(['invitation', 'create', ...naming(ivy)])).json as { userId: string };
  await page.goto(`${USERS}/${userId}/edit`);
  await expect(page.getByLabel('E-mail')).toBeDisabled();
  await expect(page.getByText('Invite the new address instead')).toBeVisible();
  await expectAccessible(page, 'edit of somebody invited');
  await page.getByLabel('First name').fill('Ivy');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status').first()).toContainText('changed the first name of Ivy');

  await admin(['invitation', 'revoke', ...naming(ivy)]);
  await page.goto(`${USERS}/${userId}/revoke-invitation`);
  await expect(page.getByText('There is no open invitation.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Revoke' })).toHaveCount(0);

  await admin(['user', 'remove', ...naming(ivy)]);
  await admin(['invitation', 'create', ...naming(ivy.toUpperCase())]);
  await page.goto(`${USERS}/${userId}`);
  await expect(page.getByRole('button', { name: 'Restore' })).toBeDisabled();
  await expect(page.getByText('already uses this address')).toBeVisible();
  await page.goto(`${USERS}/bulk?deed=restore&ids=${userId}`);
  await expect(page.getByText(`${ivy}: Somebody in this organisation already uses this address`)).toBeVisible();
});

test('names that the identity provider owns are not edited on the own profile', async ({ page, acme }) => {
  const sam = await acme.add('sam');
  const sql = await sqlOfProduct();
  await sql`update users set profile_managed_by = 'scim' where id = ${sam.id}`;
  await sql.end();
  await signIn(page, sam);
  await page.goto('/profile');
  await expect(page.getByLabel('First name')).toHaveCount(0);
  await expect(
    page.getByText('Your name and address are managed by your organisation’s identity provider.'),
  ).toBeVisible();
  await expectAccessible(page, 'managed profile');
});

test('an edited person signs in with the new address', async ({ page, browser, acme }) => {
  const sam = await acme.add('sam');
  await signIn(page, acme.admin);
  await open(page, sam.email);
  await page.getByRole('link', { name: 'Edit' }).click();
  await expect(page.getByRole('button', { name: 'Save' })).toBeVisible();
  const older = await page.context().newPage();
  await older.goto(page.url());
  await page.getByLabel('E-mail').fill(acme.admin.email.toUpperCase());
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert').first()).toContainText('already uses this address');
  const newAddress = `Samuel@${acme.slug}.example`;
  await page.getByLabel('E-mail').fill(newAddress);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status').first()).toContainText('changed the e-mail of');
  // A page that was opened before changes what is changed in it, and nothing back.
  await older.getByLabel('First name').fill('Samantha');
  await older.getByRole('button', { name: 'Save' }).click();
  await expect(older.getByRole('status').first()).toContainText('changed the first name of');
  await browserOf(browser, { id: sam.id, email: newAddress.toLowerCase() });
});

test('one’s own address is changed after a fresh proof, asked for before the form is filled in', async ({
  page,
  acme,
}) => {
  const sql = await sqlOfProduct();
  const hoursPass = () =>
    sql`update sessions set authenticated_at = now() - interval '3 hours' where user_id = ${acme.admin.id}`;
  await signIn(page, acme.admin);
  await hoursPass();
  await open(page, acme.admin.email);
  await page.getByRole('link', { name: 'Edit' }).click();
  await expect(page.getByLabel('E-mail')).toBeDisabled();
  await page.getByRole('link', { name: 'Confirm, and change the address' }).click();
  await expect(page).toHaveURL(/\/profile\/confirm/);
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  await expect(page.getByText('Nothing was changed yet')).toHaveCount(0);
  const confirm = async () => {
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Go on' }).click();
  };
  await confirm();
  // Whoever leaves the form open too long is told that it must be sent once more.
  await expect(page.getByLabel('E-mail')).toHaveValue(acme.admin.email);
  await hoursPass();
  await page.getByLabel('E-mail').fill(`lovelace@${acme.slug}.example`);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Nothing was changed yet')).toBeVisible();
  await confirm();
  await page.getByLabel('E-mail').fill(`lovelace@${acme.slug}.example`);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status').first()).toContainText('changed the e-mail of');
  await sql.end();
});

test('whoever only found the browser open makes nobody an admin', async ({ page, acme }) => {
  const sam = await acme.add('sam');
  const sql = await sqlOfProduct();
  await signIn(page, acme.admin);
  await sql`update sessions set authenticated_at = now() - interval '3 hours' where user_id = ${acme.admin.id}`;
  await page.goto(`${USERS}/invite`);
  await expect(page.getByLabel('Tenant Admin')).toBeDisabled();
  await expectAccessible(page, 'invite, unproven');
  await page.goto(`${USERS}/${sam.id}/role`);
  await expect(page.getByRole('heading', { name: 'Confirm that it is you' })).toBeVisible();
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('button', { name: 'Make Tenant Admin' }).click();
  await expect(page.getByRole('status').first()).toContainText('made Sam Acme a Tenant Admin');
  await page.goto(`${USERS}/invite`);
  await expect(page.getByLabel('Tenant Admin')).toBeEnabled();
  await sql.end();
});

test('a person sets a new password by the mail an admin sends', async ({ page, browser, acme }) => {
  const sam = await acme.add('sam');
  const sams = await browserOf(browser, sam);
  await signIn(page, acme.admin);
  await open(page, sam.email);
  await page.getByRole('button', { name: 'Send password reset' }).click();
  await expect(page.getByRole('status').first()).toContainText('queued a mail for Sam Acme to set');
  const link = await linkUnder('Set a new password', sam.email);
  await page.reload();
  await expect(page.getByText(`Password reset to ${sam.email}`)).toBeVisible();
  await expect(page.getByText('Accepted by the mail server').first()).toBeVisible();
  await expectAccessible(page, 'mails of a person');
  const other = await (await browser.newContext()).newPage();
  await other.goto(link);
  await other.getByLabel('New password', { exact: true }).fill('password1234');
  await other.getByRole('button', { name: 'Set the password' }).click();
  await expect(other.getByRole('alert').first()).toContainText('too common');
  await other.getByLabel('New password', { exact: true }).fill('copper lantern sixty-six');
  await other.getByRole('button', { name: 'Set the password' }).click();
  await expect(other.getByText('Your new password is set.')).toBeVisible();
  await sams.goto('/');
  await expect(sams).toHaveURL(/\/sign-in/);
  await signIn(sams, sam, 'copper lantern sixty-six');
});
