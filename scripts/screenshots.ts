import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import playwright from '../playwright.config';

/**
 * Takes pictures of the main pages of a running product, into docs/images. Run as `SCREENSHOT_URL=http://localhost:3000
 * SCREENSHOT_EMAIL=… SCREENSHOT_PASSWORD=… npm run screenshots`.
 */
const {
  SCREENSHOT_URL: origin = 'http://localhost:3000',
  SCREENSHOT_EMAIL: email,
  SCREENSHOT_PASSWORD: password,
} = process.env;
const USERS = '/administration/access/users';
const OUT = 'docs/images';

async function main(): Promise<void> {
  if (!email || !password) throw new Error('Set SCREENSHOT_EMAIL and SCREENSHOT_PASSWORD to those of a Tenant Admin.');
  await mkdir(OUT, { recursive: true });
  const browser = await chromium.launch(playwright.use?.launchOptions);
  const pageIn = async (options: { width: number; height: number; dark?: boolean }) => {
    const context = await browser.newContext({
      baseURL: origin,
      viewport: { width: options.width, height: options.height },
      colorScheme: options.dark ? 'dark' : 'light',
      timezoneId: 'Europe/Berlin',
    });
    const page = await context.newPage();
    await page.goto('/sign-in');
    return page;
  };
  const shoot = (page: Page, name: string) => page.screenshot({ path: join(OUT, `${name}.png`) });

  const wide = await pageIn({ width: 1280, height: 800 });
  await shoot(wide, 'sign-in');
  await signIn(wide);
  await wide.goto(`${USERS}?sort=lastName`);
  await shoot(wide, 'users');
  const invited = `${USERS}?status=invited`;
  await wide.goto(invited);
  await wide.locator('.row-link').first().click();
  await wide.getByRole('heading', { name: 'Invitation', exact: true }).waitFor();
  await shoot(wide, 'invited-person');
  await wide.goto(`${USERS}?role=standard_user&status=active`);
  const person = String(await wide.locator('.row-link').first().getAttribute('href'));
  await wide.goto(`${person}/deactivate`);
  await shoot(wide, 'deactivate');
  await wide.goto(`${USERS}/invite`);
  await shoot(wide, 'invite');

  const dark = await pageIn({ width: 1280, height: 800, dark: true });
  await signIn(dark);
  await dark.goto(`${USERS}?sort=lastLogin&dir=desc`);
  for (const box of await dark
    .locator('input[name=ids]')
    .all()
    .then((all) => all.slice(0, 3)))
    await box.check();
  await shoot(dark, 'users-selected-dark');

  const narrow = await pageIn({ width: 360, height: 740 });
  await signIn(narrow);
  await narrow.goto(USERS);
  await shoot(narrow, 'users-narrow');
  await browser.close();
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('E-mail').fill(String(email));
  await page.getByLabel('Password', { exact: true }).fill(String(password));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${origin}/`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
