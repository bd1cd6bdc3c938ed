import type { Page } from '@playwright/test';
import { ROUTES } from '../../lib/auth/route-access';
import { askRaw, sendRaw } from './support/raw';
import { browserOf, expect, newTenant, signIn, test, USERS } from './support/story';

const HOST = new URL(process.env.E2E_ORIGIN ?? 'http://localhost').host;
const cookieOf = async (page: Page) =>
  (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');

test('no spelling of an address, and no signal of the framework’s own, steps round the gate', async ({
  page,
  acme,
}) => {
  const sam = await acme.add('sam');
  await signIn(page, sam);
  const cookie = await cookieOf(page);
  const spelt = [
    USERS,
    `/${USERS}`,
    `${USERS}/`,
    `${USERS}//`,
    `${USERS}/.`,
    `${USERS}.rsc`,
    `${USERS}.json`,
    `${USERS}.`,
    `${USERS};a=b`,
    `${USERS}%00`,
    `${USERS}%20`,
    `${USERS}%2f`,
    `${USERS}?_rsc=1`,
    `${USERS}?__nextDataReq=1`,
    `${USERS}?nxtPuserId=1`,
    `/_next/data/development${USERS}.json`,
    `/_next/static/../..${USERS}`,
    `/_next/static/%2e%2e/%2e%2e${USERS}`,
    `/_next/static/..%2f..${USERS}`,
    `/_next/static\\..\\..${USERS}`,
    `/_next/image/../..${USERS}`,
    `/icon.svg/..${USERS}`,
    `/favicon.ico/..${USERS}`,
    `/profile/..${USERS}`,
    `/%2e${USERS}`,
    USERS.replace('admin', '%61dmin'),
    USERS.replace('admin', '%2561dmin'),
    USERS.replace('/access', '%2faccess'),
    USERS.replaceAll('/', '\\'),
    USERS.replaceAll('/', '%5c'),
    USERS.toUpperCase(),
    `http://${HOST}${USERS}`,
    `${USERS}/export`,
    `${USERS}/${acme.admin.id}`,
    `${USERS}/${acme.admin.id}/../${sam.id}`,
  ];
  for (const path of spelt) {
    const { status, body } = await askRaw(path, { cookie });
    expect([path, status, body.includes(acme.admin.email) && !body.includes('These people can')]).toEqual([
      path,
      expect.any(Number),
      false,
    ]);
    expect([path, [308, 400, 403, 404, 405].includes(status)]).toEqual([path, true]);
  }
  const signals = [
    ['RSC: 1'],
    ['RSC: 1', 'Next-Router-Prefetch: 1'],
    ['RSC: 1', 'Next-Router-State-Tree: %5B%22%22%2C%7B%7D%5D'],
    ['Next-Url: /profile'],
    ['x-middleware-subrequest: proxy:proxy:proxy:proxy:proxy'],
    ['x-middleware-rewrite: /profile'],
    ['x-middleware-next: 1'],
    ['x-middleware-invoke: 1'],
    ['x-nextjs-data: 1'],
    ['x-nextjs-rewritten-path: /profile'],
    ['x-invoke-path: /profile', 'x-invoke-status: 200'],
    ['x-matched-path: /profile'],
    ['x-now-route-matches: 1'],
    ['x-original-url: /profile'],
    ['x-rewrite-url: /profile'],
    ['x-forwarded-prefix: /profile'],
    ['X-HTTP-Method-Override: GET'],
    ['Purpose: prefetch'],
  ];
  for (const headers of signals) {
    const { status, body } = await askRaw(USERS, { cookie, headers });
    expect([headers, status, body.includes('Is Active')]).toEqual([headers, 403, false]);
  }
});

test('a request by another method, for another host or for a proxy is none of ours, and no failure', async () => {
  for (const method of ['TRACE', 'PROPFIND', 'SEARCH', 'PURGE', 'UNLOCK'])
    for (const path of ['/', '/sign-in', '/api/v1/users', '/icon.svg'])
      expect([method, path, (await askRaw(path, { method })).status]).toEqual([method, path, 405]);
  for (const method of ['PUT', 'PATCH', 'DELETE'])
    for (const path of ['/sign-in', '/', '/setup'])
      expect([method, path, (await askRaw(path, { method, body: '' })).status]).toEqual([method, path, 405]);
  expect((await askRaw('*', { method: 'OPTIONS' })).status).toBe(404);
  expect((await askRaw('http://evil.example/')).status).toBe(404);
  expect((await sendRaw('CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n')).status).toBe(0);
  for (const host of ['evil.example', `${HOST}@evil.example`, `${HOST}.evil.example`, '']) {
    const { status, body } = await askRaw('/sign-in', { headers: [`Host: ${host}`] });
    expect([host, status, body.includes('evil')]).toEqual([host, 421, false]);
  }
  expect((await askRaw('/', { headers: [`Host: ${HOST}`, 'Host: evil.example'] })).status).toBe(400);
});

test('names of hosts in headers reach no page, and no redirect', async () => {
  const forged = [
    'X-Forwarded-Host: evil.example',
    'X-Forwarded-Server: evil.example',
    'X-Forwarded-Proto: gopher',
    'X-Host: evil.example',
    'X-Original-Host: evil.example',
    'Forwarded: host=evil.example;proto=gopher',
  ];
  for (const path of ['/', '/sign-in', '/forgot-password', '/administration', '/api/saml/nobody/login', '/setup']) {
    const { status, head, body } = await askRaw(path, { headers: forged });
    expect([path, status < 500, /evil|gopher/.test(head + body)]).toEqual([path, true, false]);
  }
});

test('no other site is let in', async () => {
  for (const path of ['/sign-in', '/api/v1/users', '/api/scim/v2/Users', '/api/auth/session', '/icon.svg'])
    for (const method of ['GET', 'OPTIONS']) {
      const headers = ['Origin: https://evil.example', 'Access-Control-Request-Method: DELETE'];
      const { head } = await askRaw(path, { method, headers });
      expect([path, method, /access-control-allow/i.test(head)]).toEqual([path, method, false]);
    }
});

const ELSEWHERE = [
  'https://evil.example',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/%5cevil.example',
  '/%2f%2fevil.example',
  '/%252f%252fevil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '%0d%0a//evil.example',
  '/%09/evil.example',
  ' https://evil.example',
  'https:evil.example',
  'https:///evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  '/.evil.example/..//evil.example',
  '//evil%E3%80%82example',
  '/／evil.example',
  '@evil.example',
  '.evil.example',
];

test('no wish leads to another site: in a link, in a form, or at the provider’s door', async ({ page, acme }) => {
  const home = process.env.E2E_ORIGIN;
  const sam = await acme.add('sam');
  const originOf = (location: string | undefined) => new URL(location ?? '/', home).origin;
  await page.goto('/sign-in');
  const form = page.locator('form').filter({ has: page.locator('input[type=password]') });
  await form.locator('input[name=next]').evaluate((input) => input.setAttribute('value', '//evil.example'));
  await page.getByLabel('E-mail').fill(sam.email);
  await page.getByLabel('Password', { exact: true }).fill('violet tractor ninety-one');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL('/');
  for (const next of ELSEWHERE)
    for (const value of [encodeURIComponent(next), encodeURIComponent(encodeURIComponent(next))])
      for (const path of ['/sign-in', '/profile/confirm', '/sign-in/second-factor', `/api/saml/${acme.slug}/login`]) {
        const answer = await page.request.get(`${path}?next=${value}`, { maxRedirects: 0 });
        expect([path, next, originOf(answer.headers().location)]).toEqual([path, next, home]);
        const led = (await answer.text()).match(/(?:href|action|url)="?(?:https?:)?[/\\]{2}[^"]*evil/i);
        expect([path, next, led]).toEqual([path, next, null]);
      }
  for (const callbackUrl of ELSEWHERE) {
    const { csrfToken } = await (await page.request.get('/api/auth/csrf')).json();
    const answer = await page.request.post('/api/auth/signin/credentials', {
      form: { csrfToken, callbackUrl, json: 'true' },
      maxRedirects: 0,
    });
    const { url = '/' } = (await answer.json().catch(() => ({}))) as { url?: string };
    expect([callbackUrl, originOf(answer.headers().location), new URL(url, home).origin]).toEqual([
      callbackUrl,
      home,
      home,
    ]);
  }
});

test('a body that is too long, never ends or is a riddle is refused at every door', async () => {
  const form = 'Content-Type: application/x-www-form-urlencoded';
  const doors = ROUTES.map(({ path }) => path.replace('/[[...path]]', '/Users').replace(/\[[^\]]*\]/g, 'x'));
  for (const path of doors) {
    const long = await askRaw(path, { method: 'POST', headers: [form, 'Content-Length: 5000000'] });
    expect([path, long.status]).toEqual([path, 413]);
    const chunked = `POST ${path} HTTP/1.1\r\nHost: ${HOST}\r\n${form}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`;
    const { status } = await sendRaw(chunked);
    expect([path, status >= 400 && status < 500]).toEqual([path, true]);
  }
  const smuggled = `POST /sign-in HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG`;
  expect((await sendRaw(smuggled)).status).toBe(400);
  const deep = '['.repeat(100_000);
  for (const path of ['/api/v1/users', '/api/scim/v2/Users', '/api/auth/callback/credentials']) {
    const { status } = await askRaw(path, { method: 'POST', headers: ['Content-Type: application/json'], body: deep });
    expect([path, status >= 400 && status < 500]).toEqual([path, true]);
  }
  const headers = Array.from({ length: 400 }, (_, i) => `X-${i}: ${'a'.repeat(100)}`);
  expect((await askRaw('/sign-in', { headers })).status).toBe(431);
});

test('slow clients are let go, and keep nobody waiting meanwhile', async ({ request }) => {
  test.setTimeout(120_000);
  const head = `POST /sign-in HTTP/1.1\r\nHost: ${HOST}\r\n`;
  const slow = Array.from({ length: 200 }, () => sendRaw(`${head}X-Slow: `, { endless: true, atMostMs: 60_000 }));
  const body = sendRaw(`${head}Content-Type: text/plain\r\nContent-Length: 9999\r\n\r\na`, {
    endless: true,
    atMostMs: 100_000,
  });
  for (let i = 0; i < 5; i++) {
    const began = performance.now();
    expect((await request.get('/sign-in')).status()).toBe(200);
    expect(performance.now() - began).toBeLessThan(5_000);
  }
  for (const { ms, status } of await Promise.all(slow)) {
    expect(ms).toBeLessThan(40_000);
    expect([0, 408]).toContain(status);
  }
  expect((await body).ms).toBeLessThan(90_000);
});

test('what one person’s page says is kept by nothing that another could ask', async ({ page, browser, acme }) => {
  const globex = await newTenant('Globex');
  await signIn(page, acme.admin);
  const others = await browserOf(browser, globex.admin);
  for (const path of [USERS, '/', '/profile', '/administration/access/audit-log']) {
    const mine = await page.request.get(path);
    const { 'cache-control': kept = '', etag, vary = '' } = mine.headers();
    expect([path, kept]).toEqual([path, expect.stringMatching(/no-store|private/)]);
    expect([path, kept]).toEqual([path, expect.not.stringMatching(/public|s-maxage|max-age=[1-9]/)]);
    if (!kept.includes('no-store')) expect([path, vary]).toEqual([path, expect.stringMatching(/cookie/i)]);
    if (!etag) continue;
    const headers = { 'if-none-match': etag };
    const theirs = await others.request.get(path, { headers });
    expect([path, theirs.status()]).toEqual([path, 200]);
    expect(await theirs.text()).not.toContain(acme.admin.email);
    expect((await askRaw(path, { headers: [`If-None-Match: ${etag}`] })).status).toBe(303);
  }
});

test('every cookie is HttpOnly but the one a script writes, SameSite, and one that browsers keep', async ({
  page,
  acme,
}) => {
  const set: string[] = [];
  page.on('response', async (response) => {
    for (const { name, value } of await response.headersArray())
      if (name.toLowerCase() === 'set-cookie') set.push(...value.split('\n'));
  });
  await signIn(page, acme.admin);
  await page.goto(`${USERS}?size=25`);
  for (const { name, value } of (await page.request.get('/api/auth/csrf')).headersArray())
    if (name.toLowerCase() === 'set-cookie') set.push(...value.split('\n'));
  const names = set.map((cookie) => cookie.split('=')[0]);
  expect(names).toEqual(expect.arrayContaining(['rollcall-session', 'rollcall-device', 'users-page-size']));
  for (const cookie of set) {
    expect(cookie).toMatch(/; ?HttpOnly/i);
    expect(cookie).toMatch(/; ?SameSite=(?:Lax|Strict)/i);
    expect(cookie.length).toBeLessThan(4096);
    expect(cookie).not.toMatch(/; ?Domain=/i);
  }
  for (const { name, httpOnly } of await page.context().cookies())
    expect([name, httpOnly]).toEqual([name, name !== 'tz']);
});
