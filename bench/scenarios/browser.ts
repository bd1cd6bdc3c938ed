import { chromium } from '@playwright/test';
import playwright from '@/playwright.config';
import { type Bench, tenantOf } from '../bench';
import { look, type Sight } from '../browser';
import { median } from '../measure';
import type { Row } from '../results';
import { signInAdmin } from '../sign-in';
import { USERS } from '../users-view';

/** The pages in Chromium: a first view with an empty cache, and a repeat view; medians over several browser contexts. */
export async function* browser(bench: Bench): AsyncGenerator<Row> {
  const { origin } = await bench.product();
  const { slug } = await tenantOf(bench.size);
  const { cookie, admin } = await signInAdmin(slug);
  const cookies = cookie.split('; ').map((pair) => {
    const at = pair.indexOf('=');
    return { name: pair.slice(0, at), value: pair.slice(at + 1) };
  });
  const pages = {
    'sign-in': { path: '/sign-in', cookies: [] },
    'Users page': { path: USERS, cookies },
    'a person’s page': { path: `${USERS}/${admin.id}`, cookies },
    'audit log': { path: '/administration/access/audit-log', cookies },
  };
  const chrome = await chromium.launch(playwright.use?.launchOptions);
  try {
    for (const [what, { path, cookies }] of Object.entries(pages)) {
      const views: { first: Sight; repeat: Sight }[] = [];
      for (let round = -1; round < bench.rounds; round++) {
        const seen = await look(chrome, { url: `${origin}${path}`, cookies });
        if (seen.first.status !== 200) throw new Error(`${path} answers ${seen.first.status}`);
        if (round >= 0) views.push(seen);
      }
      yield { what, users: bench.size, of: { first: middle(views, 'first'), repeat: middle(views, 'repeat') } };
    }
  } finally {
    await chrome.close();
  }
}

function middle(views: { first: Sight; repeat: Sight }[], which: 'first' | 'repeat'): Record<string, number> {
  const names = Object.keys(views[0]?.[which] ?? {}) as (keyof Sight)[];
  return Object.fromEntries(names.map((name) => [name, median(views.map((view) => view[which][name]))]));
}
