import type { Page } from '@playwright/test';
import { eq } from 'drizzle-orm';
import { db } from '@/db/client';
import { jobs } from '@/db/schema/jobs';
import { acrossTenants } from '@/db/tenant-wall';
import { expectGoodEverywhere } from './support/accessible';
import { admin } from './support/admin';
import { browserOf, expect, newTenant, signIn, type Tenant, test, USERS } from './support/story';

const addresses = (n: number, { slug }: Tenant) => Array.from({ length: n }, (_, i) => `p${i}@${slug}.example`);
const seeded = ({ slug }: Tenant, n: number) => admin(['seed', '--tenant', slug, '--users', String(n)]);
const wide = { width: 1280, height: 800 };

/** Keeps a job where it is, as if no process had time for it. */
const hold = (jobId: string) => turnsAt(jobId, new Date(Date.now() + 3_600_000));
const letGo = (jobId: string) => turnsAt(jobId, new Date());
const turnsAt = (jobId: string, turnAt: Date) =>
  acrossTenants(() => db.update(jobs).set({ turnAt }).where(eq(jobs.id, jobId)));
const jobIdOf = (page: Page) => new URL(page.url()).pathname.split('/').at(-1) ?? '';

/** A list too long for boxes: checked, confirmed, watched and told. */
async function inviteMany(page: Page, acme: Tenant): Promise<void> {
  const list = [...addresses(1200, acme), `info@${acme.slug}.example`, 'broken'].join('\n');
  await signIn(page, acme.admin);
  await page.goto(USERS);
  await page.getByRole('link', { name: 'Invite many' }).click();
  const buffer = Buffer.from(list);
  await page.getByLabel('Or a CSV file').setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer });
  await page.getByRole('button', { name: 'Check the list' }).click();
  await expect(page.getByRole('heading', { name: '1,200 of 1,202 can be invited' })).toBeVisible();
  await page.getByLabel(`Invite info@${acme.slug}.example`).check();
  await page.getByRole('link', { name: 'Malformed: 1' }).click();
  await expect(page.getByText('Is not an e-mail address.')).toBeVisible();
  await page.getByLabel(`Invite info@${acme.slug}.example`).check();
  await page.getByRole('button', { name: 'Send the invitations' }).click();
  await expect(page).toHaveURL(/\/jobs\/[0-9a-f-]+$/);
  await expect(page.getByText('1,201 people were invited.')).toBeVisible({
    timeout: 50_000,
  });
}

test('a long list is checked, confirmed and invited while its page tells how far it is', async ({ page, acme }) => {
  test.setTimeout(120_000);
  await inviteMany(page, acme);
  await expectGoodEverywhere(page, 'a job that is done');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the result' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^result-.*\.csv$/);
  await page.goto(`${USERS}?status=invited&q=p1199`);
  await expect(page.getByText('1 of 1')).toBeVisible();
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('the same', async ({ page, acme }) => {
    test.setTimeout(120_000);
    await inviteMany(page, acme);
  });
});

/** From the list by way of its numbers to the end: of everybody who matches, shown or not. */
async function deactivateAll(page: Page, acme: Tenant): Promise<void> {
  await seeded(acme, 400);
  await signIn(page, acme.admin);
  await page.goto(`${USERS}?status=active&role=standard_user&size=25`);
  await page.locator('input[name=ids]').first().check();
  const all = page.getByLabel(/^Select all \d+ matching this view$/);
  const n = /\d+/.exec(String(await page.locator('.whole-view').textContent()))?.[0];
  await all.check();
  await page.getByRole('toolbar').getByRole('button', { name: 'Deactivate' }).click();
  await expect(page.getByRole('heading', { name: `${n} of ${n} will be deactivated` })).toBeVisible();
  await expect(page.getByText('Status: Active; Role: Standard User')).toBeVisible();
  await page.getByLabel(/^Type [\d,]+, the number of/).fill('1');
  await page.getByRole('button', { name: `Deactivate: ${n}` }).click();
  await expect(page.getByRole('alert').first()).toContainText('is not the number of people');
  await page.getByLabel(/^Type [\d,]+, the number of/).fill(String(n));
  await page.getByRole('button', { name: `Deactivate: ${n}` }).click();
  await expect(page.getByText(`${n} people were deactivated.`)).toBeVisible({
    timeout: 50_000,
  });
  await page.goto(`${USERS}?status=active&role=standard_user`);
  await expect(page.getByText('Nobody matches')).toBeVisible();
}

test('“all” are those of the view in which it was ticked, and only while somebody is selected', async ({
  page,
  acme,
}) => {
  await seeded(acme, 60);
  await signIn(page, acme.admin);
  await page.goto(`${USERS}?role=standard_user&size=25`);
  const all = page.getByLabel(/^Select all \d+ matching this view$/);
  const first = page.locator('input[name=ids]').first();
  await first.check();
  await all.check();
  await expect(page.getByText('All selected')).toBeVisible();
  await first.uncheck();
  await expect(all).toBeHidden();
  await first.check();
  await expect(all).not.toBeChecked();
  await all.check();
  await page.getByLabel('Status').selectOption('active');
  await expect(page).toHaveURL(/status=active/);
  await page.locator('input[name=ids]').nth(1).check();
  await expect(all).not.toBeChecked();
  await expect(page.getByText('All selected')).toHaveCount(0);
});

test('all who match are deactivated by a job', async ({ page, acme }) => {
  test.setTimeout(120_000);
  await deactivateAll(page, acme);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('the same of all who match', async ({ page, acme }) => {
    test.setTimeout(120_000);
    await deactivateAll(page, acme);
  });
});

test('a job is stopped, gone on with, and stops when who began it is signed out', async ({ page, browser, acme }) => {
  test.setTimeout(180_000);
  const grace = await acme.add('grace', 'tenant_admin');
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/import`);
  const buffer = Buffer.from(addresses(1500, acme).join('\n'));
  await page.getByLabel('Or a CSV file').setInputFiles({ name: 'list.txt', mimeType: 'text/plain', buffer });
  await page.getByRole('button', { name: 'Check the list' }).click();
  await expect(page.getByRole('heading', { name: /can be invited/ })).toBeVisible();
  await expectGoodEverywhere(page, 'a long list to confirm');
  await page.setViewportSize(wide);
  await page.getByRole('button', { name: 'Send the invitations' }).click();
  await expect(page.getByText('Nothing has been sent yet.')).toHaveCount(0);
  const jobId = jobIdOf(page);
  await hold(jobId);
  await page.reload();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await expectGoodEverywhere(page, 'a job under way');
  await page.setViewportSize(wide);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText('An admin stopped it.')).toBeVisible();
  await expectGoodEverywhere(page, 'a stopped job');
  await page.setViewportSize(wide);
  await page.goto(`${USERS}/jobs`);
  await expectGoodEverywhere(page, 'the list of jobs');

  const graces = await browserOf(browser, grace);
  await graces.goto(`${USERS}/jobs/${jobId}`);
  await graces.getByRole('button', { name: /^Go on with/ }).click();
  await expect(graces.getByRole('progressbar')).toBeVisible();
  await hold(jobId);
  await page.goto(`${USERS}/${grace.id}/sign-out`);
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.waitForURL(/done=/);
  await letGo(jobId);
  await page.goto(`${USERS}/jobs/${jobId}`);
  await expect(page.getByText('the session in which it was begun has ended')).toBeVisible();
});

test('a job of another tenant is not there', async ({ page, acme, browser }) => {
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/import`);
  await page.getByLabel('Addresses or CSV').fill(`new@${acme.slug}.example`);
  await page.getByRole('button', { name: 'Check the list' }).click();
  await expect(page.getByRole('heading', { name: '1 of 1 can be invited' })).toBeVisible();
  const globex = await newTenant('Globex');
  const mallory = await browserOf(browser, globex.admin);
  for (const path of ['', '/export'])
    expect((await mallory.request.post(`${page.url()}${path}`)).status(), path).toBe(404);
  expect((await mallory.goto(page.url()))?.status()).toBe(404);
  await mallory.goto(`${USERS}/import?from=${jobIdOf(page)}`);
  await expect(mallory.getByLabel('Addresses or CSV')).toHaveValue('');
});
