import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectAccessible } from './support/accessible';
import { expect, PASSWORD, test } from './support/story';

/** Runs before every other story: the first tenant ends the set-up. */
test('the first run makes the first organisation and its admin, and then the link is dead', async ({
  page,
  browser,
}) => {
  const link = (await readFile(join(String(process.env.E2E_DATA_DIR), 'setup-link'), 'utf8')).trim();
  await page.goto('/setup?token=guessed');
  await expect(page.getByRole('heading', { name: 'This set-up link does not work' })).toBeVisible();

  await page.goto(link);
  await expectAccessible(page, 'set-up');
  await page.getByLabel('Organisation').fill('Initech');
  await page.getByLabel('First name').fill('Bill');
  await page.getByLabel('Last name').fill('Lumbergh');
  await page.getByLabel('E-mail').fill('bill@initech.example');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Set up and sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Users' })).toBeVisible();
  await expect(page.getByRole('row', { name: /bill@initech.example/ })).toContainText('Lumbergh');
  await expect(page.getByText('1 of 1')).toBeVisible();

  const late = await (await browser.newContext()).newPage();
  await late.goto(link);
  await expect(late.getByRole('heading', { name: 'This set-up link does not work' })).toBeVisible();
});
