import { spawnSync } from 'node:child_process';
import type { Download, Page } from '@playwright/test';
import { expectAccessible } from './support/accessible';
import { admin } from './support/admin';
import { expect, signIn, type Tenant, test, USERS } from './support/story';

const AUDIT = '/administration/access/audit-log';

const entry = (page: Page, sentence: string) => page.getByRole('listitem').filter({ hasText: sentence });

async function downloaded(page: Page, button: string): Promise<{ download: Download; text: string }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  return { download, text: Buffer.concat(chunks).toString('utf8') };
}

async function readTheLog(page: Page, acme: Tenant): Promise<void> {
  const sam = await acme.add('sam');
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/${sam.id}/role`);
  await page.getByRole('button', { name: 'Make Tenant Admin' }).click();
  await page.getByRole('link', { name: 'Audit Log' }).click();
  const made = entry(page, 'Ada Acme made Sam Acme a Tenant Admin');
  await expect(made).toContainText('Browser · ');
  await made.locator('summary').click();
  await expect(made).toContainText('standard_user → tenant_admin');
  await expect(made).toContainText(/Number and hash\s*\d+ · [0-9a-f]{64}/);

  await page.getByLabel('Door').selectOption('cli');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/door=cli/);
  await expect(entry(page, 'created Sam Acme as Standard User')).toBeVisible();
  await expect(made).toHaveCount(0);

  await page.goto(AUDIT);
  await page.getByPlaceholder('Person: e-mail or id').fill(sam.email.toUpperCase());
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/person=/);
  await expect(entry(page, 'signed in')).toHaveCount(0);
  await expect(made).toBeVisible();
  await page.goto(`${AUDIT}?until=2020-01-01`);
  await expect(page.getByText('No entry matches')).toBeVisible();

  await page.goto(AUDIT);
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(page.getByRole('status').first()).toContainText(/All \d+ entries are unbroken/);
}

test('the log is filtered, opened and verified', async ({ page, acme }) => {
  await readTheLog(page, acme);
  await page.locator('.trail summary').first().click();
  await expectAccessible(page, 'an open entry, and a verified log');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('the same', async ({ page, acme }) => {
    await readTheLog(page, acme);
  });
});

test('the filtered log is exported, and the whole one verified offline', async ({ page, acme }) => {
  await signIn(page, acme.admin);
  await page.goto(`${AUDIT}?door=cli`);
  const { download, text } = await downloaded(page, 'Export CSV');
  expect(download.suggestedFilename()).toMatch(/^audit-.*\.csv$/);
  expect(text).toContain('created Ada Acme as Tenant Admin');
  expect(text).not.toContain('signed in');

  await page.goto(AUDIT);
  await expect(entry(page, 'Ada Acme exported the audit log as CSV')).toBeVisible();
  const jsonl = await downloaded(page, 'Export JSON Lines');
  const { status, stdout } = spawnSync(process.execPath, ['scripts/verify-audit.mjs', await jsonl.download.path()], {
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^All \d+ entries are unbroken/)]);

  const { code, json } = await admin(['audit', 'verify', '--tenant', acme.slug]);
  expect([code, json]).toMatchObject([0, { tenant: acme.slug }]);
});

test('Why? tells who set what, when and by which door', async ({ page, acme }) => {
  const sam = await acme.add('sam');
  await admin(['user', 'deactivate', '--tenant', acme.slug, '--email', sam.email]);
  await signIn(page, acme.admin);
  await page.goto(`${USERS}/${sam.id}`);
  await page.getByText('Why?').nth(1).click();
  await expect(page.locator('.why[open]')).toContainText(/deactivated Sam Acme: .*Door: Command line\./);
  await page.getByText('Why?').nth(0).click();
  await expect(page.locator('.why[open]').first()).toContainText('created Sam Acme as Standard User');
  await expectAccessible(page, 'with reasons open');
});

test('a long log is paged, newest first', async ({ page, acme }) => {
  test.setTimeout(120_000);
  await signIn(page, acme.admin);
  await page.goto(AUDIT);
  for (let i = 0; i < 52; i++) await page.request.post(`${AUDIT}/export`, { form: { format: 'csv', q: `n${i}` } });
  await page.goto(AUDIT);
  await expect(page.getByRole('listitem').filter({ has: page.locator('summary') })).toHaveCount(50);
  await page.getByRole('link', { name: 'Next' }).click();
  await expect(entry(page, 'created the tenant Acme')).toBeVisible();
  await page.getByRole('link', { name: 'Previous' }).click();
  await expect(page.getByRole('listitem').filter({ has: page.locator('summary') })).toHaveCount(50);
});
