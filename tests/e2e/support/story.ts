import AxeBuilder from '@axe-core/playwright';
import { type Browser, test as base, expect, type Page } from '@playwright/test';
import { admin } from './admin';

export { expect } from '@playwright/test';
export const PASSWORD = 'violet tractor ninety-one';
export const USERS = '/administration/access/users';

export type Person = { id: string; email: string };
export type Tenant = {
  slug: string;
  name: string;
  admin: Person;
  add: (name: string, role?: 'tenant_admin') => Promise<Person>;
};

let count = 0;

/** A tenant of the story's own, with its first admin, made by the operator. */
async function newTenant(name: string): Promise<Tenant> {
  const slug = `${name.toLowerCase()}-${process.pid}-${Date.now().toString(36)}-${count++}`;
  expect((await admin(['tenant', 'create', '--slug', slug, '--name', name])).stderr).toBe('');
  const add = async (who: string, role: 'tenant_admin' | 'standard_user' = 'standard_user'): Promise<Person> => {
    const first = who.charAt(0).toUpperCase() + who.slice(1);
    const words = [
      'user',
      'create',
      '--tenant',
      slug,
      '--email',
      `${who}@${slug}.example`,
      '--first-name',
      first,
      '--last-name',
      name,
      '--role',
      role,
    ];
    const { json, stderr } = await admin([...words, '--password-stdin'], PASSWORD);
    expect(stderr).toBe('');
    return json;
  };
  return { slug, name, admin: await add('ada', 'tenant_admin'), add };
}

export async function signIn(page: Page, { email }: { email: string }, password = PASSWORD): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL('/');
}

/** Another person at another browser. */
export async function browserOf(browser: Browser, person: Person, options = {}): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  await signIn(page, person);
  return page;
}

/** WCAG 2.2 AA, as far as a machine can tell. */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  expect(violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual([]);
}

export const test = base.extend<{ acme: Tenant }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from the pattern
  acme: async ({}, use) => use(await newTenant('Acme')),
});

export { newTenant };
