import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { judge } from '@/lib/auth/gate';
import { ROUTES, ruleFor } from '@/lib/auth/route-access';

/** Every page and route handler of `app/`, as its address. */
const addresses = readdirSync('app', { recursive: true, encoding: 'utf8' })
  .filter((file) => /(^|\/)(page\.tsx|route\.ts)$/.test(file))
  .map(
    (file) => `/${relative('app', join('app', dirname(file)))}`.replace(/\/\([^)]*\)/g, '').replace(/\/\.$/, '') || '/',
  )
  .map((address) => (address === '/.' ? '/' : address))
  .sort();

describe('the table of routes', () => {
  test('has one rule for each page and route, and none for a page that is not there', () => {
    expect(ROUTES.map(({ path }) => path).sort()).toEqual(addresses);
  });

  test('lets nobody but a Tenant Admin into the administration', () => {
    for (const { path, access } of ROUTES.filter(({ path }) => path.startsWith('/administration'))) {
      expect(access, path).toBe('tenant_admin');
    }
  });

  test('lets a form of another site in where identity providers post, and nowhere else', async () => {
    const posted = (pathname: string) =>
      judge({ method: 'POST', pathname, cookie: undefined, headers: new Headers({ 'sec-fetch-site': 'cross-site' }) });
    const meant = ['/api/saml/[tenant]/acs', '/api/saml/[tenant]/logout'];
    for (const { path } of ROUTES.filter(({ access }) => access !== 'bearer')) {
      const verdict = await posted(path.replace('[tenant]', 'acme').replace(/\[[^\]]*\]/g, 'x'));
      expect([path, verdict]).toEqual([path, meant.includes(path) ? 'pass' : 'cross-site']);
    }
  });

  test.each([
    '/administration/access/user',
    '/administration/access/users/',
    '//administration/access/users',
    '/administration/access/%75sers',
    '/administration/access/users/invite/x',
    '/Administration/access/users',
    '/administration/access/users/..%2f..',
    '/administration\\access',
    '/.env',
    '/_next/data/x/administration.json',
    '/api/auth',
    '/sign-in/acme/second',
    '',
  ])('an unlisted path is denied: %s', (path) => {
    expect(ruleFor(path)).toBeNull();
  });

  test('machines are asked for a token, and nobody else is', () => {
    expect(ROUTES.filter(({ access }) => access === 'bearer').map(({ path }) => path)).toEqual([
      '/api/scim/v2/[[...path]]',
      '/api/v1/[[...path]]',
      '/api/metrics',
    ]);
    expect(ruleFor('/api/v1/users/x/remove')?.access).toBe('bearer');
    expect(ruleFor('/api/v1')?.access).toBe('bearer');
    expect(ruleFor('/api/v10')).toBeNull();
    expect(ruleFor('/api/v1/openapi.json')?.access).toBe('public');
  });

  test('a fixed name is never taken for a person', () => {
    expect(ruleFor('/administration/access/users/invite')).toEqual({
      access: 'tenant_admin',
      personId: null,
      keyId: null,
    });
    expect(ruleFor('/administration/access/users/abc')).toEqual({
      access: 'tenant_admin',
      personId: 'abc',
      keyId: null,
    });
    expect(ruleFor('/administration/access/users/abc/remove')).toEqual({
      access: 'tenant_admin',
      personId: 'abc',
      keyId: null,
    });
  });
});
