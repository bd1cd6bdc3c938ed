import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expectAccessible } from './support/accessible';
import { admin } from './support/admin';
import { startSamlp } from './support/samlp-idp';
import { hasSimpleSamlPhp, startSimpleSamlPhp } from './support/simplesamlphp';
import { browserOf, expect, PASSWORD, signIn, type Tenant, test, USERS } from './support/story';

const SAML = '/administration/access/saml';
const done = (page: Page) => page.getByRole('status').first();

/** By the tenant's own sign-in page, to the provider and back. */
async function continueWithSso(page: Page, tenant: Tenant): Promise<void> {
  await page.goto(`/sign-in/${tenant.slug}`);
  await page.getByRole('link', { name: 'Continue with SSO' }).click();
}

async function setUp(page: Page, metadata: string): Promise<void> {
  await page.goto(SAML);
  await page.getByRole('link', { name: 'Add metadata' }).click();
  await page.getByLabel('Or paste it').fill(metadata);
  await page.getByRole('button', { name: 'Check the metadata' }).click();
  await expect(page.getByText('This can be used. Nothing is saved yet.')).toBeVisible();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(done(page)).toContainText('set up the identity provider');
}

test('from metadata to required SAML, with an identity provider by samlp', async ({ page, browser, acme }) => {
  test.setTimeout(240_000);
  const idp = await startSamlp();
  try {
    const person = (name: string, groups: string[] = []) => ({
      email: `${name}@${acme.slug}.example`,
      firstName: 'By',
      lastName: 'Provider',
      groups,
    });
    const dan = await acme.add('dan');
    const grace = await acme.add('grace', 'tenant_admin');
    await signIn(page, acme.admin);
    await page.goto(SAML);
    await expectAccessible(page, 'SAML Setup, empty');
    await setUp(page, await idp.metadata());

    await test.step('a test shows what was received, and signs nobody in', async () => {
      idp.becomes({ ...person('newcomer'), groups: ['staff'] });
      await page.getByRole('link', { name: 'Test sign-in' }).click();
      await expect(page.getByText('The test passed')).toBeVisible();
      await expect(page.getByText('They would be refused: nobody here has this address')).toBeVisible();
      await expect(page.getByText('staff', { exact: true })).toBeVisible();
      await expectAccessible(page, 'test report');
      await page.goto(USERS);
      await expect(page.getByText('newcomer@')).toHaveCount(0);
    });

    await test.step('enabled, it makes people just in time', async () => {
      await page.goto(SAML);
      await page.getByRole('button', { name: 'Enable' }).click();
      await expect(done(page)).toContainText('enabled sign-in by SAML.');
      await page.getByLabel('Just-in-time provisioning').check();
      await page.getByRole('button', { name: 'Save options' }).click();
      await expect(done(page)).toContainText('changed the SAML options: ');

      const theirs = await (await browser.newContext()).newPage();
      await theirs.goto('/profile');
      await continueWithSso(theirs, acme);
      await theirs.waitForURL('/');
      await page.goto(`${USERS}?q=newcomer`);
      await page.getByRole('link', { name: 'newcomer@' }).click();
      await expect(page.getByText('By Provider').first()).toBeVisible();
      await expect(page.getByText(/· SAML$/).first()).toBeVisible();
      await expect(page.getByText('managed by the identity provider').first()).toBeVisible();
    });

    await test.step('groups make Tenant Admins', async () => {
      await page.goto(SAML);
      await page.getByRole('link', { name: 'Set up' }).click();
      await page.getByLabel('Attribute with the groups').fill('groups');
      await page.getByLabel('Groups whose people are Tenant Admins').fill('admins');
      await page.getByRole('button', { name: 'Show what it would do' }).click();
      await expect(page.getByText('Of 1 person the groups are not known yet')).toBeVisible();
      await page.getByRole('button', { name: 'Save the mapping' }).click();
      await expect(done(page)).toContainText('mapped groups to Tenant Admin: admins.');
      idp.becomes(person('newcomer', ['staff', 'admins']));
      const theirs = await (await browser.newContext()).newPage();
      await continueWithSso(theirs, acme);
      await theirs.waitForURL('/');
      expect((await theirs.goto(USERS))?.status()).toBe(200);

      await page.goto(`${SAML}/groups?attribute=groups&groups=owners`);
      await expect(page.getByText('It would make 1 person a Standard User')).toBeVisible();
    });

    await test.step('required, passwords open nothing but the break-glass admin’s account', async () => {
      const dans = await browserOf(browser, dan);
      await page.goto(SAML);
      await page.getByRole('link', { name: 'Test sign-in' }).click();
      await expect(page.getByText('The test passed')).toBeVisible();
      await page.goto(`${SAML}/require`);
      await expectAccessible(page, 'require');
      await expect(page.getByLabel('Ada Acme')).toBeChecked();
      await page.getByRole('button', { name: 'Require SAML' }).click();
      await expect(done(page)).toContainText('required SAML, with the break-glass admins ada@');
      await dans.goto('/profile');
      await expect(dans).toHaveURL(/\/sign-in/);
      await dans.getByLabel('E-mail').fill(dan.email);
      await dans.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await dans.getByRole('button', { name: 'Sign in', exact: true }).click();
      await expect(dans.getByRole('alert').first()).toContainText('requires you to sign in by its identity provider');
      await browserOf(browser, acme.admin);
    });

    await test.step('another admin’s password opens the way to the provider alone, which connects them', async () => {
      idp.becomes(person('grace'));
      const graces = await (await browser.newContext()).newPage();
      await graces.goto(`/sign-in?next=${USERS}`);
      await graces.getByLabel('E-mail').fill(grace.email);
      await graces.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await graces.getByRole('button', { name: 'Sign in', exact: true }).click();
      await expect(graces.getByRole('heading', { name: 'Connect with your identity provider' })).toBeVisible();
      await expectAccessible(graces, 'connect');
      for (const closed of [USERS, '/profile', '/profile/second-factor/app']) {
        await graces.goto(closed);
        await expect(graces).toHaveURL(/\/sign-in\/connect/);
      }
      await graces.goto(USERS);
      await graces.getByRole('link', { name: 'Continue with SSO' }).click();
      await graces.getByRole('button', { name: 'Connect and sign in' }).click();
      await graces.waitForURL((url) => url.pathname === USERS);
    });

    await test.step('a deactivated person is refused, told why and whom to ask; the admin sees it', async () => {
      await admin(['user', 'deactivate', '--tenant', acme.slug, '--email', dan.email]);
      idp.becomes(person('dan'));
      const dans = await (await browser.newContext()).newPage();
      await continueWithSso(dans, acme);
      await expect(dans.getByRole('alert').first()).toContainText('Your account is deactivated.');
      await expect(dans.getByRole('alert').first()).toContainText(acme.admin.email);
      await page.goto(SAML);
      await expect(page.getByText('The person is deactivated here.')).toBeVisible();
      await expectAccessible(page, 'SAML Setup, full');
    });

    await test.step('an invitation is accepted by it', async () => {
      const email = `ivy@${acme.slug}.example`;
      const invited = await admin(['invitation', 'create', '--tenant', acme.slug, '--email', email]);
      expect(invited.stderr).toBe('');
      const link = await admin(['invitation', 'link', '--tenant', acme.slug, '--email', email]);
      idp.becomes(person('ivy'));
      const ivys = await (await browser.newContext()).newPage();
      await ivys.goto((link.json as { url: string }).url);
      await expect(ivys.getByRole('button', { name: 'Accept and sign in' })).toHaveCount(0);
      await ivys.getByRole('link', { name: 'Accept with SSO' }).click();
      await ivys.waitForURL('/');
      const { json } = await admin(['user', 'show', '--tenant', acme.slug, '--email', email]);
      expect(json as object).toMatchObject({ status: 'active', samlEnabled: true });
    });

    await test.step('the connection is deleted', async () => {
      await page.goto(`${SAML}/delete`);
      await page.getByRole('button', { name: 'Delete Connection' }).click();
      await expect(done(page)).toContainText('deleted the SAML connection');
    });
  } finally {
    await idp.stop();
  }
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('an admin sets it up, and a person comes in by two buttons', async ({ page, browser, acme }) => {
    const idp = await startSamlp();
    try {
      await signIn(page, acme.admin);
      await setUp(page, await idp.metadata());
      await page.getByLabel('Just-in-time provisioning').check();
      await page.getByRole('button', { name: 'Save options' }).click();
      await page.getByRole('button', { name: 'Enable' }).click();
      await expect(done(page)).toContainText('enabled sign-in by SAML.');
      idp.becomes({ email: `jo@${acme.slug}.example`, firstName: 'Jo', lastName: 'Script' });
      const theirs = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
      await continueWithSso(theirs, acme);
      // The provider's own page has a button of its own.
      await theirs.locator('input[type=submit], button').first().click();
      await expect(theirs.getByText(`jo@${acme.slug}.example`)).toBeVisible();
      await theirs.getByRole('button', { name: 'Continue' }).click();
      await theirs.waitForURL('/');
    } finally {
      await idp.stop();
    }
  });
});

test('an answer brought to another browser opens nothing there', async ({ browser, acme }) => {
  const idp = await startSamlp();
  try {
    const file = join(String(process.env.E2E_DATA_DIR), `${acme.slug}.xml`);
    await writeFile(file, await idp.metadata());
    expect(
      (await admin(['saml', 'import', '--tenant', acme.slug, '--metadata', file, '--enable', '--jit'])).stderr,
    ).toBe('');
    idp.becomes({ email: `mallory@${acme.slug}.example`, firstName: 'M', lastName: 'M' });
    // Mallory signs in at the provider and keeps the last step for somebody else.
    let stolen = '';
    const page = await (await browser.newContext()).newPage();
    await page.route(/\/finish\?arrival=/, (route) => {
      stolen = route.request().url();
      return route.abort();
    });
    await continueWithSso(page, acme);
    await expect.poll(() => stolen).not.toBe('');
    const victim = await (await browser.newContext()).newPage();
    await victim.goto(stolen);
    await expect(victim.getByRole('alert').first()).toContainText('begun in another browser');
    await victim.goto('/profile');
    await expect(victim).toHaveURL(/\/sign-in/);
  } finally {
    await idp.stop();
  }
});

test('by e-mail domain to SimpleSAMLphp, with signed requests and encrypted assertions, and out from there', async ({
  page,
  browser,
  acme,
  request,
}) => {
  test.skip(!hasSimpleSamlPhp(), 'SimpleSAMLphp is not installed; as root on Debian `npm test` installs it');
  test.setTimeout(180_000);
  const email = `nora@${acme.slug}.example`;
  const spMetadata = await (await request.get(`/api/saml/${acme.slug}/metadata`)).text();
  const idp = await startSimpleSamlPhp(spMetadata, { nora: { mail: email, givenName: 'Nora', sn: 'Simple' } });
  try {
    const file = join(idp.dir, 'metadata.xml');
    await writeFile(file, await idp.metadata());
    const imported = await admin(['saml', 'import', '--tenant', acme.slug, '--metadata', file, '--enable', '--jit']);
    expect(imported.stderr).toBe('');
    expect(imported.json as object).toMatchObject({ saml: 'enabled', signRequests: true, jit: true });
    await signIn(page, acme.admin);
    await page.goto(SAML);
    await page.getByLabel('Domains of your people').fill(`${acme.slug}.example`);
    await page.getByRole('button', { name: 'Save domains' }).click();
    await expect(done(page)).toContainText('set the domains that sign in by SAML: ');

    const noras = await (await browser.newContext()).newPage();
    await noras.goto('/profile');
    await noras.getByText('Continue with SSO').first().click();
    await noras.getByLabel('Work address').fill(email.toUpperCase());
    await noras.getByRole('button', { name: 'Continue with SSO' }).click();
    await expect(noras.getByRole('heading', { name: 'Sign in to Acme' })).toBeVisible();
    await noras.getByRole('link', { name: 'Continue with SSO' }).click();
    await noras.locator('input[name=username]').fill('nora');
    await noras.locator('input[name=password]').fill('secret');
    await noras.keyboard.press('Enter');
    await noras.waitForURL('/profile');
    await expect(noras.locator('dd').first()).toHaveText(email);

    await page.goto(SAML);
    await page
      .getByRole('link', { name: /now|ago|second/ })
      .first()
      .click();
    await expect(page.getByText('Encrypted')).toBeVisible();

    // The provider's page sends itself on by a script: leaving it before would sign nobody out.
    const whenOut = `${idp.origin}/module.php/core/frontpage_welcome.php`;
    await noras.goto(`${idp.origin}/saml2/idp/initSLO.php?RelayState=${encodeURIComponent(whenOut)}`);
    await noras.waitForURL(whenOut);
    await noras.goto('/profile');
    await expect(noras).toHaveURL(/\/sign-in/);
    await page.goto(SAML);
    await expect(page.getByText('Sign-out').first()).toBeVisible();
    await expect(page.getByText('Accepted').first()).toBeVisible();
  } finally {
    await idp.stop();
  }
});
