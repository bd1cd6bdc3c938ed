import { type Browser, type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import type { Role } from '@/lib/actor';
import { createTenant } from '@/lib/tenants/create';
import { createUser } from '@/lib/users/create';
import { operator, unwrap } from '@/scripts/admin/command';
import { connected } from './product';

export { expect } from '@playwright/test';
export const PASSWORD = 'violet tractor ninety-one';
export const USERS = '/administration/access/users';

export type Person = { id: string; email: string };
export type Tenant = {
  id: string;
  slug: string;
  name: string;
  admin: Person;
  add: (name: string, role?: Role) => Promise<Person>;
};

let count = 0;

/** A tenant of the story's own, with its first admin, made by the operator's own commands. */
async function newTenant(name: string): Promise<Tenant> {
  const slug = `${name.toLowerCase()}-${process.pid}-${Date.now().toString(36)}-${count++}`;
  await connected();
  const { tenant } = unwrap(await createTenant({ slug, name }, operator));
  const add = async (who: string, role: Role = 'standard_user'): Promise<Person> => {
    const named = {
      email: `${who}@${slug}.example`,
      firstName: who.charAt(0).toUpperCase() + who.slice(1),
      lastName: name,
    };
    const { user } = unwrap(await createUser(operator(tenant.id), { ...named, role, password: PASSWORD }));
    return { id: user.id, email: user.email };
  };
  return { id: tenant.id, slug, name, admin: await add('ada', 'tenant_admin'), add };
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

/** What a page says on its console when its policy stops something, or its own scripts fail; not that an answer did not come. */
function complaintsOf(context: BrowserContext): string[] {
  const complaints: string[] = [];
  context.on('weberror', (error) => {
    if (error.error().message !== 'Failed to fetch') complaints.push(`${error.page()?.url()}: ${error.error()}`);
  });
  context.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(`${message.page()?.url()}: ${message.text()}`);
  });
  return complaints;
}

export const test = base.extend<{ acme: Tenant }>({
  // No page of any story may run or load what its policy forbids.
  context: async ({ context }, use) => {
    const complaints = complaintsOf(context);
    await use(context);
    expect(complaints).toEqual([]);
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from the pattern
  acme: async ({}, use) => use(await newTenant('Acme')),
});

export { newTenant };
