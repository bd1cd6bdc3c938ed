import type { Page } from '@playwright/test';
import { generate } from 'otplib';
import { expectAccessible } from './support/accessible';
import { admin } from './support/admin';
import { sqlOfProduct } from './support/database';
import { linkUnder, mailsTo } from './support/mail';
import { browserOf, expect, PASSWORD, type Person, signIn, type Tenant, test, USERS } from './support/story';

const SECURITY = '/administration/access/security';

/** As a person does who cannot scan: the key that stands beside the QR code goes into the app. */
const keyOn = async (page: Page) => String(await page.locator('.secret code').textContent()).replace(/\s/g, '');

/** A code of the time step that lies so many steps from now; each step's code is good once. */
const codeOf = (secret: string, steps = 0) => generate({ secret, epoch: Math.floor(Date.now() / 1000) + steps * 30 });

/** From the page that shows the key to the recovery codes. */
async function finishApp(page: Page): Promise<{ secret: string; codes: string[] }> {
  await expect(page.getByRole('img', { name: 'QR code' })).toBeVisible();
  const secret = await keyOn(page);
  await page.getByLabel('Code that the app shows').fill('000000');
  await page.getByRole('button', { name: 'Set up' }).click();
  await expect(page.getByRole('alert').first()).toContainText('This code is wrong');
  expect(await keyOn(page), 'a wrong code leaves the key as it is').toBe(secret);
  await page.getByLabel('Code that the app shows').fill(await codeOf(secret));
  await page.getByRole('button', { name: 'Set up' }).click();
  await expect(page.getByText('Your authenticator app is set up.')).toBeVisible();
  const codes = await page.locator('.codes code').allTextContents();
  expect(codes).toHaveLength(10);
  return { secret, codes };
}

async function enrolApp(page: Page) {
  await page.goto('/profile');
  await page
    .getByRole('listitem')
    .filter({ hasText: 'Authenticator app' })
    .getByRole('button', { name: 'Set up' })
    .click();
  return finishApp(page);
}

async function proveThePassword(page: Page, { email }: Person, then: RegExp) {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(then);
}

async function enterCode(page: Page, code: string) {
  await page.getByLabel(/^(Code|Recovery code)$/).fill(code);
  await page.getByRole('button', { name: 'Go on' }).click();
}

/** Set up by the key beside the QR code, signed in with a code once, and with a recovery code once. */
async function appStory(page: Page, other: Page, acme: Tenant) {
  const sam = await acme.add('sam');
  await signIn(page, sam);
  const { secret, codes } = await enrolApp(page);
  await page.getByRole('link', { name: 'I have kept them' }).click();
  await expect(page.getByText('10 of 10 left')).toBeVisible();

  await proveThePassword(other, sam, /second-factor/);
  await other.goto('/profile');
  await expect(other).toHaveURL(/\/sign-in\/second-factor\?next=%2Fprofile/);
  await enterCode(other, '000000');
  await expect(other.getByRole('alert').first()).toContainText('This code is wrong');
  // Of the next step: this one's was spent at the set-up, and a clock may differ by one.
  const code = await codeOf(secret, 1);
  await enterCode(other, code);
  await other.waitForURL('/profile');
  await expect(other.getByText('Password + app').first()).toBeVisible();

  await other.locator('.account summary').click();
  await other.getByRole('button', { name: 'Sign out' }).click();
  await other.waitForURL('/sign-in');
  await proveThePassword(other, sam, /second-factor/);
  await enterCode(other, code);
  await expect(other.getByRole('alert').first(), 'a code is never accepted again').toContainText('it was used already');
  await enterCode(other, String(codes[0]).toUpperCase().replace('-', ' '));
  await other.waitForURL('/');
  await other.goto('/profile');
  await expect(other.getByText('9 of 10 left')).toBeVisible();
  const subjects = async () => (await mailsTo(sam.email)).map(({ subject }) => subject);
  await expect.poll(subjects).toContain('A recovery code was used for Acme');
  expect(await subjects()).toContain('A second factor was added for Acme');
}

test('an authenticator app is set up by its key, proven by a code once, and replaced by a recovery code', async ({
  page,
  browser,
  acme,
}) => appStory(page, await (await browser.newContext()).newPage(), acme));

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('the same', async ({ page, browser, acme }) =>
    appStory(page, await (await browser.newContext({ javaScriptEnabled: false })).newPage(), acme));
});

/** Chromium's own virtual authenticator, with a finger that is always right. */
async function withAuthenticator(page: Page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

test('a passkey is added, named, used as a second factor, signs in without a password, and is removed', async ({
  page,
  acme,
}) => {
  const sam = await acme.add('sam');
  await withAuthenticator(page);
  await signIn(page, sam);
  await page.goto('/profile');
  await page.getByRole('link', { name: 'Add a passkey' }).click();
  await page.getByLabel('Name', { exact: true }).fill('My laptop');
  await page.getByRole('button', { name: 'Add the passkey' }).click();
  await expect(page.getByText('Your passkey is set up.')).toBeVisible();
  await expect(page.locator('.codes code')).toHaveCount(10);
  await page.getByRole('link', { name: 'I have kept them' }).click();
  await expect(page.getByText('My laptop')).toBeVisible();

  await page.context().clearCookies();
  await proveThePassword(page, sam, /second-factor/);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.waitForURL('/');

  await page.context().clearCookies();
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.waitForURL('/');
  await page.goto('/profile');
  await expect(page.getByRole('cell', { name: 'Passkey', exact: true })).toBeVisible();

  await page.getByRole('link', { name: 'Remove the passkey My laptop' }).click();
  await expect(page.getByText('2 other sessions end at once.')).toBeVisible();
  await page.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('The second factor is removed.')).toBeVisible();
  await expect(page.getByText('Not set up')).toBeVisible();
});

test('a tenant that requires a second factor leads everybody to it, and the page says whom before', async ({
  page,
  browser,
  acme,
}) => {
  const sam = await acme.add('sam');
  const sams = await browserOf(browser, sam);
  await signIn(page, acme.admin);
  await page.goto(SECURITY);
  await page.getByLabel('A second factor is required').check();
  await page.getByLabel('Without use').fill('abc');
  await page.getByRole('button', { name: 'Review the change' }).click();
  await expect(page.getByText('The time without use must be a whole number').first()).toBeVisible();
  await expect(page.getByLabel('A second factor is required')).toBeChecked();
  await page.getByLabel('Without use').fill('12');
  await page.getByRole('button', { name: 'Review the change' }).click();
  await expect(
    page.getByText(/2 people have none and will set one up at the next sign-in: .+One of them is an admin\./),
  ).toBeVisible();
  await expectAccessible(page, 'the review');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('changed the security settings: ').first()).toBeVisible();

  expect((await sams.goto('/profile'))?.status(), 'the sessions of before go on').toBe(200);
  const again = await (await browser.newContext()).newPage();
  await proveThePassword(again, sam, /set-up/);
  await again.goto('/profile');
  await expect(again).toHaveURL(/\/sign-in\/second-factor\/set-up\?next=%2Fprofile/);
  await expectAccessible(again, 'the choice of a factor');
  await again.getByRole('button', { name: 'Authenticator app' }).click();
  await finishApp(again);
  await again.getByRole('link', { name: 'I have kept them' }).click();
  await again.waitForURL('/profile');

  await page.goto(`${USERS}?mfa=yes`);
  await expect(page.getByRole('link', { name: sam.email })).toBeVisible();
});

test('the recovery codes of a first passkey are shown however long its set-up took', async ({ page, acme }) => {
  const sam = await acme.add('sam');
  const sql = await sqlOfProduct();
  await sql`update tenants set mfa_required_since = now() where id = ${acme.id}`;
  await withAuthenticator(page);
  await proveThePassword(page, sam, /set-up/);
  await page.getByRole('link', { name: 'Passkey' }).click();
  await sql`update sessions set authenticated_at = now() - interval '1 hour' where user_id = ${sam.id}`;
  await page.getByLabel('Name', { exact: true }).fill('');
  await page.getByRole('button', { name: 'Add the passkey' }).click();
  await expect(page.getByText('Give the passkey a name.').first()).toBeVisible();
  await page.getByLabel('Name', { exact: true }).fill('My laptop');
  await page.getByLabel('Name', { exact: true }).press('Enter');
  await expect(page.getByText('Your passkey is set up.')).toBeVisible();
  await expect(page.locator('.codes code')).toHaveCount(10);
  await sql.end();
});

test('an admin resets a second factor: the sessions end, the person is told, and signs in by the password', async ({
  page,
  browser,
  acme,
}) => {
  const sam = await acme.add('sam');
  const sams = await browserOf(browser, sam);
  await enrolApp(sams);
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/${sam.id}`);
  await page.getByRole('link', { name: 'Reset second factor' }).click();
  await expect(page.getByText('Removed: An authenticator app.')).toBeVisible();
  await expect(page.getByText('1 session ends at once.')).toBeVisible();
  await page.getByRole('button', { name: 'Reset the second factor' }).click();
  await expect(page.getByRole('status').first()).toContainText(
    `reset the second factor of Sam Acme: an authenticator app removed, 1 session ended`,
  );
  await sams.goto('/profile');
  await expect(sams).toHaveURL(/\/sign-in/);
  await signIn(sams, sam);
  await expect
    .poll(async () => (await mailsTo(sam.email)).map(({ subject }) => subject))
    .toContain('Your second factor for Acme was reset');
});

test('“this was not me” ends everything, and the password opens nothing until a new one is set by mail', async ({
  page,
  browser,
  acme,
}) => {
  const sam = await acme.add('sam');
  const stranger = await browserOf(browser, sam);
  await signIn(page, sam);
  await page.goto('/profile');
  await page.getByRole('link', { name: 'This was not me' }).click();
  await expect(page.getByText('All your 2 sessions end')).toBeVisible();
  await page.getByRole('button', { name: 'End everything' }).click();
  await expect(page.getByText('You are signed out everywhere.')).toBeVisible();

  await stranger.goto('/profile');
  await expect(stranger).toHaveURL(/\/sign-in/);
  await proveThePassword(stranger, sam, /sign-in/);
  await expect(stranger.getByRole('alert').first()).toContainText('This password was reported stolen.');

  await page.goto(await linkUnder('Set a new password', sam.email));
  await page.getByLabel('New password', { exact: true }).fill('copper lantern sixty-six');
  await expect(page.getByText('Strong.')).toBeVisible();
  await page.getByRole('button', { name: 'Set the password' }).click();
  await signIn(page, sam, 'copper lantern sixty-six');
});

test('many are asked by mail to set up a second factor', async ({ page, acme }) => {
  const sam = await acme.add('sam');
  await signIn(page, acme.admin);
  await page.goto(USERS);
  await page.getByLabel(`Select ${sam.email}`).check();
  await page.getByRole('toolbar').getByRole('button', { name: 'Ask for MFA' }).click();
  await page.getByRole('button', { name: 'Ask for MFA: 1' }).click();
  await expect(page.getByText('1 person was asked to set up a second factor.')).toBeVisible();
  await expect
    .poll(async () => (await mailsTo(sam.email)).map(({ subject }) => subject))
    .toContain('Please set up a second factor for Acme');
  expect((await admin(['user', 'reset-mfa', '--tenant', acme.slug, '--email', sam.email])).stderr).toContain(
    'There is no second factor.',
  );
});
