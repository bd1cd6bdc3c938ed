import { type Bench, tenantOf } from '../bench';
import { costOf, measure, type Subject } from '../measure';
import type { Row } from '../results';
import { signInAdmin } from '../sign-in';
import { etagOf, USERS } from '../users-view';

/**
 * The complete Users page of the largest tenant with its session checks, compared with the bare server, a plain Next table of
 * the same rows, and its own 304 when nothing has changed: with one request at a time, and with sixteen.
 */
export async function* yardsticks(bench: Bench): AsyncGenerator<Row> {
  const { slug } = await tenantOf(bench.size);
  const [product, limit, plain] = [await bench.product(), await bench.limit(), await bench.plain()];
  const { cookie, limitCookie } = await signInAdmin(slug);
  const page = { url: `${product.origin}${USERS}`, probes: product.probes };
  let etag = await etagOf(page.url, cookie);
  // The ETag changes over time: a list that says “an hour ago” is valid until that becomes two.
  const unchanged: Subject = {
    name: 'unchanged',
    ...page,
    status: 304,
    next: () => ({ headers: { cookie, 'if-none-match': String(etag) } }),
    renew: ({ headers }) => {
      etag = headers.etag ?? null;
      return etag !== null;
    },
  };
  const subjects: Subject[] = [
    { name: 'limit', url: `${limit.origin}/`, headers: { cookie: limitCookie }, probes: limit.probes },
    { name: 'plain', url: `${plain.origin}/`, probes: plain.probes },
    { name: 'product', ...page, headers: { cookie } },
    unchanged,
  ];
  // Node keeps optimising its code for a few thousand requests; until then a page takes up to twice as long.
  const requests = bench.quick ? 60 : 120;
  await measure(subjects, { concurrency: 16, rounds: 0, requests, warmUp: 12 });
  for (const concurrency of [1, 16]) {
    const costs = await measure(subjects, { concurrency, rounds: bench.rounds, requests });
    yield { what: `Users page, ${concurrency} at once`, users: bench.size, of: costOf(costs) };
  }
}
