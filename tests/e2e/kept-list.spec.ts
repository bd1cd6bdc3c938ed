import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { chromium, type Page } from '@playwright/test';
import playwright from '../../playwright.config';
import { admin } from './support/admin';
import { expect, signIn, type Tenant, test, USERS } from './support/story';

const OUR_SCRIPT_BYTES = 25_000;

const signOut = async (page: Page) => {
  await page.getByLabel('Your account').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
};

test('a list that has not changed is not sent again, until somebody changes it', async ({ page, acme }) => {
  await acme.add('sam');
  await signIn(page, acme.admin);
  const first = await page.request.get(USERS);
  const { etag = '', 'cache-control': kept, vary, 'server-timing': timing } = first.headers();
  expect([first.status(), kept]).toEqual([200, 'private, no-cache']);
  expect(vary).toContain('Cookie');
  expect(timing).toMatch(/session;dur=.*query;dur=.*render;dur=/);
  const again = () => page.request.get(USERS, { headers: { 'if-none-match': etag } });
  const same = await again();
  expect([same.status(), (await same.body()).length, same.headers().etag]).toEqual([304, 0, etag]);
  expect(same.headers()['content-security-policy'], 'the kept page has its own').toBeUndefined();
  // What a page of it fetches later is data, not a document.
  const view = await page.request.get(USERS, { headers: { 'if-none-match': etag, rsc: '1' } });
  expect([view.status(), view.headers().etag, view.headers()['cache-control']]).toEqual([
    200,
    undefined,
    expect.stringContaining('no-store'),
  ]);
  await acme.add('steve');
  expect((await again()).status()).toBe(200);
  await page.context().clearCookies();
  const stranger = await page.request.get(USERS, { maxRedirects: 0, headers: { 'if-none-match': etag } });
  expect([stranger.status(), stranger.headers()['server-timing']]).toEqual([303, undefined]);
});

/** A browser as people have it: it also keeps whole pages in memory, which the stories' own does not. */
async function withMemory(story: (page: Page) => Promise<void>, options = {}) {
  const launch = playwright.use?.launchOptions;
  const browser = await chromium.launch({
    ...launch,
    // A shell without a window has that memory only where it is asked for.
    args: [...(launch?.args ?? []), '--enable-bfcache'],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  const context = await browser.newContext({ baseURL: String(process.env.E2E_ORIGIN), ...options });
  try {
    await story(await context.newPage());
  } finally {
    await browser.close();
  }
}

test('a page that may be kept in memory comes back from there', () =>
  withMemory(async (page) => {
    await page.route('http://elsewhere.example/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>x</title>' }),
    );
    await page.goto('http://elsewhere.example/one');
    await page.evaluate(() => addEventListener('pageshow', ({ persisted }) => (document.title = `${persisted}`)));
    await page.goto('http://elsewhere.example/two');
    // Nothing is loaded then, for which `goBack` would wait.
    await page.evaluate(() => history.back());
    await expect(page).toHaveTitle('true');
  }));

const nothingBehind = (acme: Tenant) => async (page: Page) => {
  await signIn(page, acme.admin);
  await page.goto(USERS);
  await page.goto(`${USERS}?sort=lastName`);
  await expect(page.getByRole('link', { name: acme.admin.email })).toBeVisible();
  await signOut(page);
  for (let back = 0; back < 2; back++) {
    await page.goBack({ waitUntil: 'load' }).catch(() => {});
    await expect(page).toHaveURL(/\/sign-in/);
    await expect(page.getByRole('link', { name: acme.admin.email })).toHaveCount(0);
  }
};

test('going back after the sign-out shows nothing', ({ acme }) => withMemory(nothingBehind(acme)));

test('nor does it without scripts', ({ acme }) => withMemory(nothingBehind(acme), { javaScriptEnabled: false }));

test('going back shows the list as it is by then', ({ acme }) =>
  withMemory(async (page) => {
    const sam = await acme.add('sam');
    await signIn(page, acme.admin);
    await page.goto(USERS);
    await expect(page.getByText('2 of 2')).toBeVisible();
    await page.goto('/profile');
    await admin(['user', 'remove', '--tenant', acme.slug, '--email', sam.email]);
    await page.goBack();
    await expect(page.getByText('1 of 1')).toBeVisible();
    await expect(page.getByRole('link', { name: sam.email })).toHaveCount(0);
  }));

test('a row opens without a reload, and who is selected stays so in another order', async ({ page, acme }) => {
  const sam = await acme.add('sam');
  await acme.add('steve');
  await signIn(page, acme.admin);
  await page.goto(USERS);
  await page.getByLabel(`Select ${sam.email}`).check();
  await expect(page.getByText('1 selected')).toBeVisible();
  await page.getByRole('link', { name: 'First Name' }).click();
  await expect(page).toHaveURL(/sort=firstName/);
  await page.getByRole('link', { name: 'First Name' }).click();
  await expect(page.getByRole('row').nth(1)).toContainText('steve');
  await expect(page.getByLabel(`Select ${sam.email}`)).toBeChecked();
  await expect(page.getByText('1 selected')).toBeVisible();
  await page.evaluate(() => Object.assign(window, { stayed: true }));
  await page.getByRole('link', { name: sam.email }).click();
  await expect(page.getByRole('heading', { name: 'Sam Acme' })).toBeVisible();
  expect(await page.evaluate(() => 'stayed' in window)).toBe(true);
});

test('the rows stand once in the document, and are there again on the way back within it', async ({ page, acme }) => {
  const sam = await acme.add('sam');
  await acme.add('steve');
  await signIn(page, acme.admin);
  const document = await (await page.goto(USERS))?.text();
  expect(document?.split('</tbody>').map((part) => part.includes(sam.email))).toEqual([true, false]);
  await page.evaluate(() => Object.assign(window, { stayed: true }));
  await page.getByRole('link', { name: sam.email }).click();
  await expect(page.getByRole('heading', { name: 'Sam Acme' })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('link', { name: sam.email })).toBeVisible();
  await expect(page.getByRole('row')).toHaveCount(4);
  expect(await page.evaluate(() => 'stayed' in window)).toBe(true);
});

test('a table that lost its rows before the page came alive asks for them', async ({ page, acme }) => {
  const sam = await acme.add('sam');
  await signIn(page, acme.admin);
  await page.addInitScript(() => {
    const lost = new MutationObserver(() => document.getElementById('users')?.replaceChildren());
    lost.observe(document, { childList: true, subtree: true });
    document.addEventListener('DOMContentLoaded', () => lost.disconnect());
  });
  await page.goto(USERS);
  await expect(page.getByRole('link', { name: sam.email })).toBeVisible();
});

test('the scripts of the list are few, and kept for good', async ({ page, acme }) => {
  await signIn(page, acme.admin);
  const html = await (await page.request.get(USERS)).text();
  const manifest = JSON.parse(await readFile('.next/build-manifest.json', 'utf8'));
  const framework = new Set<string>([...manifest.rootMainFiles, ...manifest.polyfillFiles]);
  const named = [...html.matchAll(/<script[^>]* src="\/_next\/(static\/[^"]+\.js)"/g)].map(([, name]) => String(name));
  const ours = [...new Set(named)].filter((name) => !framework.has(name));
  expect(ours.length).toBeGreaterThan(0);
  let bytes = 0;
  for (const name of ours) {
    const script = await page.request.get(`/_next/${name}`);
    expect(script.headers()['cache-control']).toBe('public, max-age=31536000, immutable');
    bytes += gzipSync(await script.body()).length;
  }
  expect(bytes, `in ${ours.length} files`).toBeLessThan(OUR_SCRIPT_BYTES);
});
