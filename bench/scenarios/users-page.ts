import { type Bench, tenantOf } from '../bench';
import { costOf, measure, type Subject } from '../measure';
import type { Row } from '../results';
import { signInAdmin } from '../sign-in';
import { cursorAt, USERS } from '../users-view';

/** The query string of each view, by name. */
const VIEWS: Record<string, string> = {
  'first page': '',
  'by address, descending': 'dir=desc',
  'by first name': 'sort=firstName',
  'by last name': 'sort=lastName',
  'by status': 'sort=status',
  'by MFA': 'sort=mfa',
  'by SAML': 'sort=saml',
  'by role': 'sort=role',
  'by last login': 'sort=lastLogin&dir=desc',
  admins: 'role=tenant_admin',
  'admins, by last login': 'role=tenant_admin&sort=lastLogin&dir=desc',
  'deactivated, by last name': 'status=deactivated&sort=lastName',
  'SAML without MFA, last seen 90 days ago': 'saml=yes&mfa=none&login=90',
  'search “a”': 'q=a',
  'search “an”': 'q=an',
  'search “smith”': 'q=smith',
  'search “smith anna”': 'q=smith+anna',
  'search “zzqqx”': 'q=zzqqx',
};

/**
 * Every view of the page in tenants of each size, in turn, one request at a time. Each is compared with the bare server, which
 * sends the product's own statements and renders their rows.
 */
export async function* usersPage(bench: Bench): AsyncGenerator<Row> {
  const [product, limit] = [await bench.product(), await bench.limit()];
  const tenants = await Promise.all(
    bench.sizes.map(async (size) => {
      const { id, slug } = await tenantOf(size);
      const deep = { 'middle page': 0.5, 'last page': 1 };
      const places = Object.entries(deep).map(async ([name, share]) => [name, `after=${await cursorAt(id, share)}`]);
      const views: Record<string, string> = { ...VIEWS, ...Object.fromEntries(await Promise.all(places)) };
      return { size, views, ...(await signInAdmin(slug)) };
    }),
  );
  const subjectsOf = (view: string) =>
    tenants.flatMap(({ size, views, cookie, limitCookie }): Subject[] => [
      {
        name: `product ${size}`,
        url: `${product.origin}${USERS}?${views[view]}`,
        headers: { cookie },
        probes: product.probes,
      },
      {
        name: `limit ${size}`,
        url: `${limit.origin}/users?${views[view]}`,
        headers: { cookie: limitCookie },
        probes: limit.probes,
      },
    ]);
  // Warm up until the code is compiled.
  await measure(subjectsOf('first page'), { concurrency: 16, rounds: 0, requests: bench.quick ? 20 : 60, warmUp: 12 });
  for (const view of Object.keys(tenants[0]?.views ?? {})) {
    const costs = await measure(subjectsOf(view), { concurrency: 1, rounds: bench.rounds, requests: 6 });
    for (const { size } of tenants) {
      const own = costs.filter(({ name }) => name.endsWith(` ${size}`));
      yield {
        what: view,
        users: size,
        of: costOf(own.map((cost) => ({ ...cost, name: cost.name.split(' ')[0] ?? '' }))),
      };
    }
  }
}
