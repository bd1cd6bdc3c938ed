import { expect, type Page } from '@playwright/test';

export const KEYS = '/administration/access/api-keys';

/** Makes a key as a person does, and reads it where it is shown. */
export async function newKey(page: Page, name: string): Promise<{ token: string }> {
  await page.goto(KEYS);
  await page.getByRole('link', { name: 'Create API Key' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('In 90 days').check();
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('status').first()).toContainText('shown this once');
  const token = await page.getByLabel('API key', { exact: true }).inputValue();
  expect(token).toMatch(/^rckey_[\w-]{43}_[0-9a-f]{6}$/);
  return { token };
}
