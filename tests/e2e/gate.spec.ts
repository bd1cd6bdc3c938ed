import type { APIRequestContext, Page } from '@playwright/test';
import { and, eq } from 'drizzle-orm';
import { db } from '@/db/client';
import { auditEntries } from '@/db/schema/audit';
import { totpFactors } from '@/db/schema/factors';
import { users } from '@/db/schema/users';
import { newTotpSecret, sealTotp } from '@/lib/mfa/totp';
import { ROUTES } from '../../lib/auth/route-access';
import { admin } from './support/admin';
import { newKey } from './support/api-key';
import { browserOf, expect, newTenant, PASSWORD, type Person, signIn, type Tenant, test, USERS } from './support/story';

const NO_REDIRECT = { maxRedirects: 0 };
const NOBODY = '01900000-0000-7000-8000-000000000000';

/** Every page and route behind the sign-in, about this person. */
const closed = (userId: string) =>
  ROUTES.filter(({ access }) => !['public', 'bearer', 'provider'].includes(access)).map(({ path, access }) => ({
    path: path.replace('[userId]', userId).replace(/\[\w+\]/, NOBODY),
    access,
    person: path.includes('[userId]'),
  }));

const ask = (request: APIRequestContext, path: string) =>
  path.endsWith('/export') ? request.post(path, NO_REDIRECT) : request.get(path, NO_REDIRECT);

/** Catches what the browser would send for an action, to send it again later. */
async function actionOf(page: Page, press: () => Promise<void>) {
  const sent = page.waitForRequest(
    (request) => request.method() === 'POST' && request.headers()['next-action'] !== undefined,
  );
  await press();
  const request = await sent;
  const { 'next-action': action = '', 'content-type': type = '' } = request.headers();
  return {
    url: request.url(),
    headers: { 'next-action': action, 'content-type': type, accept: 'text/x-component' },
    data: request.postDataBuffer() ?? Buffer.alloc(0),
  };
}

test('nobody signed in reaches no page and no route', async ({ request }) => {
  for (const { path } of closed(NOBODY)) {
    const answer = await ask(request, path);
    expect([path, answer.status(), answer.headers().location?.startsWith('/sign-in')]).toEqual([path, 303, true]);
  }
});

test('no session opens the door of a machine', async ({ page, acme }) => {
  await signIn(page, acme.admin);
  for (const { path } of ROUTES.filter(({ access }) => access === 'bearer')) {
    const answer = await page.request.get(path.replace(/\/\[\[\.\.\.path\]\]/, '/Users'), NO_REDIRECT);
    expect([path, answer.status(), answer.headers()['www-authenticate']?.startsWith('Bearer')]).toEqual([
      path,
      401,
      true,
    ]);
  }
});

test('an ended session is refused on the very next page, action and route', async ({ page, acme }) => {
  const sam = await acme.add('sam');
  const tom = await acme.add('tom', 'tenant_admin');
  await signIn(page, tom);
  await page.goto(`${USERS}/${sam.id}/sign-out`);
  const action = await actionOf(page, () => page.getByRole('button', { name: 'Sign out everywhere' }).click());
  await page.waitForURL(/done=/);
  const again = await page.request.post(action.url, { ...NO_REDIRECT, headers: action.headers, data: action.data });
  expect(again.status(), 'the action is good while the session lives').toBeLessThan(400);

  expect((await admin(['user', 'sign-out', '--tenant', acme.slug, '--email', tom.email])).code).toBe(0);
  const refused = await page.request.post(action.url, { ...NO_REDIRECT, headers: action.headers, data: action.data });
  expect([refused.status(), refused.headers()['x-action-redirect']?.startsWith('/sign-in')]).toEqual([401, true]);
});

test('every page and route refuses an ended session', async ({ page, acme }) => {
  const tom = await acme.add('tom', 'tenant_admin');
  await signIn(page, tom);
  const cookies = await page.context().cookies();
  expect((await ask(page.request, USERS)).status()).toBe(200);
  await admin(['user', 'deactivate', '--tenant', acme.slug, '--email', tom.email]);
  for (const { path } of closed(acme.admin.id)) {
    // A refusal takes the cookie away; an attacker keeps theirs.
    await page.context().addCookies(cookies);
    expect([path, (await ask(page.request, path)).status()]).toEqual([path, 303]);
  }
  await page.context().addCookies(cookies);
  expect(await (await page.request.get('/api/auth/session')).json()).not.toHaveProperty('user');
});

/** How a page answers a standard user who is signed in: those of a sign-in under way send them on. */
const OTHERWISE: Record<string, number> = {
  '/sign-in/connect': 307,
  '/sign-in/second-factor': 307,
  '/sign-in/second-factor/set-up': 307,
  '/profile/second-factor/remove': 404,
};

/** Gives the person an authenticator app, as rows: what it takes to be challenged. */
async function giveApp({ id: tenantId }: Tenant, { id: userId }: Person) {
  const now = new Date();
  await db.insert(totpFactors).values({
    tenantId,
    userId,
    secretSealed: sealTotp(newTotpSecret()),
    lastStep: 0,
    createdAt: now,
    lastUsedAt: now,
  });
  const them = and(eq(users.tenantId, tenantId), eq(users.id, userId));
  await db.update(users).set({ mfaEnabled: true }).where(them);
}

test('a session that has proven only the password reaches nothing but the challenge: no page, no action, no route', async ({
  page,
  browser,
  acme,
}) => {
  const tom = await acme.add('tom', 'tenant_admin');
  const sam = await acme.add('sam');
  await signIn(page, tom);
  await page.goto(`${USERS}/${sam.id}/sign-out`);
  const action = await actionOf(page, () => page.getByRole('button', { name: 'Sign out everywhere' }).click());
  await page.waitForURL(/done=/);
  await giveApp(acme, tom);

  const half = await (await browser.newContext()).newPage();
  await half.goto('/sign-in');
  await half.getByLabel('E-mail').fill(tom.email);
  await half.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await half.getByRole('button', { name: 'Sign in', exact: true }).click();
  await half.waitForURL(/second-factor/);
  for (const who of [half, page]) {
    for (const { path, access } of closed(sam.id)) {
      const answer = await ask(who.request, path);
      if (access === 'challenge') expect([path, answer.status()]).toEqual([path, 200]);
      else
        expect([path, answer.status(), answer.headers().location?.split('?')[0]]).toEqual([
          path,
          303,
          '/sign-in/second-factor',
        ]);
    }
    // Sent to the page itself, to the challenge, and to a page that is open to everybody.
    for (const url of [action.url, '/sign-in/second-factor', '/sign-in']) {
      const refused = await who.request.post(url, { ...NO_REDIRECT, headers: action.headers, data: action.data });
      // Sent to a page that has no such action, the framework asks the page that has: the gate stands there too.
      const sentOn = refused.headers()['x-action-redirect']?.split(/[?;]/)[0] ?? (await refused.text());
      expect([url, sentOn]).toEqual([url, url === action.url ? '/sign-in/second-factor' : '{}']);
    }
    expect(await (await who.request.get('/api/auth/session')).json()).not.toHaveProperty('user');
  }
  const done = await db
    .select({ action: auditEntries.action })
    .from(auditEntries)
    .where(and(eq(auditEntries.tenantId, acme.id), eq(auditEntries.targetId, sam.id)));
  expect(
    done.filter(({ action }) => action === 'user.sessions-ended'),
    'once, by the open session',
  ).toHaveLength(1);
});

test('an admin demoted a second ago is refused on the next page, action and route', async ({ page, acme }) => {
  const sam = await acme.add('sam');
  const tom = await acme.add('tom', 'tenant_admin');
  await signIn(page, tom);
  await page.goto(`${USERS}/${sam.id}/sign-out`);
  const action = await actionOf(page, () => page.getByRole('button', { name: 'Sign out everywhere' }).click());
  await page.waitForURL(/done=/);
  await admin(['user', 'set-role', '--tenant', acme.slug, '--email', tom.email, '--role', 'standard_user']);
  for (const { path, access } of closed(sam.id)) {
    expect([path, (await ask(page.request, path)).status()]).toEqual([
      path,
      access === 'tenant_admin' ? 403 : (OTHERWISE[path] ?? 200),
    ]);
  }
  const refused = await page.request.post(action.url, { ...NO_REDIRECT, headers: action.headers, data: action.data });
  expect(refused.status()).toBeGreaterThanOrEqual(400);
});

test('another tenant’s user does not exist, on every page and in every action', async ({ page, browser, acme }) => {
  const globex = await newTenant('Globex');
  const victim = await globex.add('otto');
  const own = await acme.add('sam');
  const ottos = await browserOf(browser, victim);
  await signIn(page, acme.admin);
  for (const { path } of closed(victim.id).filter(({ person }) => person)) {
    const answer = await page.request.get(path, NO_REDIRECT);
    expect([path, answer.status()]).toEqual([path, 404]);
    expect(await answer.text()).not.toContain(victim.email);
  }
  for (const foreign of [NOBODY, 'nonsense', '1']) {
    expect((await page.request.get(`${USERS}/${foreign}`, NO_REDIRECT)).status()).toBe(404);
  }

  // The action of a page about one's own person, with the other tenant's id in its form.
  const deeds: [string, string][] = [
    ['sign-out', 'Sign out everywhere'],
    ['role', 'Make Tenant Admin'],
    ['deactivate', 'Deactivate'],
  ];
  for (const [deed, button] of deeds) {
    await page.goto(`${USERS}/${own.id}/${deed}`);
    await page.locator('input[name=userId]').evaluate((input, id) => input.setAttribute('value', id), victim.id);
    await page.getByRole('button', { name: button }).click();
    await expect(page.getByRole('alert').first()).toContainText('There is no such user.');
  }
  await ottos.goto('/profile');
  await expect(ottos.getByText('Standard User')).toBeVisible();
  await page.goto(`${USERS}/bulk?deed=deactivate&ids=${victim.id}`);
  await expect(page.getByText(victim.email)).toHaveCount(0);
});

test('the API knows no cookie, and the pages know no API key', async ({ page, acme }) => {
  await signIn(page, acme.admin);
  const answer = await page.request.get('/api/v1/users', NO_REDIRECT);
  expect([answer.status(), answer.headers()['content-type']]).toEqual([401, 'application/problem+json']);
  const { token } = await newKey(page, 'Gate');
  await page.context().clearCookies();
  const headers = { authorization: `Bearer ${token}` };
  const asked = await page.request.get('/api/v1/users', { headers });
  expect([asked.status(), asked.headers()['set-cookie']]).toEqual([200, undefined]);
  expect((await page.request.get(USERS, { ...NO_REDIRECT, headers })).status()).toBe(303);
});

test('a form or call from another site does nothing', async ({ page, acme }) => {
  await signIn(page, acme.admin);
  const foreign: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ];
  for (const headers of foreign) {
    const answer = await page.request.post(`${USERS}/export`, { ...NO_REDIRECT, headers });
    expect([headers, answer.status()]).toEqual([headers, 403]);
  }
  expect((await page.request.get(`${USERS}/export`, NO_REDIRECT)).status()).toBe(405);
});

test('an unlisted path is denied, and no file of the project is served', async ({ page, acme }) => {
  await signIn(page, acme.admin);
  for (const path of [
    '/.env',
    '/package.json',
    '/.git/config',
    '/administration/secret',
    '/administration/access/%75sers',
    '/administration%2Faccess',
    '/_next/data/x.json',
    '/api',
    '/api/nothing',
    '/./%2e%2e/etc/passwd',
    '/.data/secrets.json',
  ]) {
    const answer = await page.request.get(path, NO_REDIRECT);
    expect([path, [308, 404].includes(answer.status())]).toEqual([path, true]);
    expect(answer.headers().location ?? '').not.toContain('evil');
  }
});

test('forged headers neither pass the gate nor change where a try comes from', async ({ page, request, acme }) => {
  const forged: Record<string, string>[] = [
    { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' },
    { 'x-middleware-subrequest': 'src/proxy' },
    { 'x-nextjs-data': '1' },
    { 'x-middleware-rewrite': USERS },
    { rsc: '1' },
  ];
  for (const headers of forged) {
    const answer = await request.get(USERS, { ...NO_REDIRECT, headers });
    expect([headers, answer.status() >= 300]).toEqual([headers, true]);
    expect(await answer.text()).not.toContain('Is Active');
  }
  const tom = await acme.add('tom');
  const context = page.context();
  await context.setExtraHTTPHeaders({ 'x-forwarded-for': '203.0.113.99', 'x-real-ip': '203.0.113.99' });
  await signIn(page, tom);
  await page.goto('/profile');
  await expect(page.getByRole('row', { name: /This one/ })).not.toContainText('203.0.113.99');
});

test('the cookie is HttpOnly and SameSite, and a tampered one is none', async ({ page, acme }) => {
  await signIn(page, acme.admin);
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name.includes('session'));
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
  const value = String(cookie?.value);
  await page.context().addCookies([
    {
      ...(cookie as NonNullable<typeof cookie>),
      value: `${value.slice(0, -3)}${value.endsWith('AAA') ? 'BBB' : 'AAA'}`,
    },
  ]);
  expect((await page.request.get('/', NO_REDIRECT)).status()).toBe(303);
});

test('a person in two tenants chooses after the password, and signs out', async ({ page, acme }) => {
  const globex = await newTenant('Globex');
  const email = `both@${acme.slug}.example`;
  for (const { slug } of [acme, globex]) {
    const { code } = await admin(
      ['user', 'create', '--tenant', slug, '--email', email, '--role', 'standard_user', '--password-stdin'],
      'violet tractor ninety-one',
    );
    expect(code).toBe(0);
  }
  await page.goto('/sign-in?next=/profile');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill('violet tractor ninety-one');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Globex' }).click();
  await expect(page).toHaveURL('/profile');
  await expect(page.getByText('Your account at Globex.')).toBeVisible();
  await page.getByLabel('Your account').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL('/sign-in');
  await page.goBack();
  await expect(page.getByText('Your account at Globex.')).toHaveCount(0);
});

test('a link never leads away from this site', async ({ page, acme }) => {
  const targets = [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/%0d%0aSet-Cookie:x=1',
  ];
  await page.goto('/sign-in?next=//evil.example');
  await signIn(page, acme.admin);
  for (const next of targets) {
    const answer = await page.request.get(`/sign-in?next=${encodeURIComponent(next)}`, NO_REDIRECT);
    expect([next, new URL(answer.headers().location ?? '/', process.env.E2E_ORIGIN).origin]).toEqual([
      next,
      process.env.E2E_ORIGIN,
    ]);
  }
});
