import { and, eq } from 'drizzle-orm';
import { db } from '@/db/client';
import { users } from '@/db/schema/users';
import { type Bench, tenantOf } from '../bench';
import { costOf, measure } from '../measure';
import type { Row } from '../results';
import { signInAdmin } from '../sign-in';
import { USERS } from '../users-view';

/** The page of a person: this many active people in turn, so that no row is better cached than the others. */
const PEOPLE = 20;

export async function* detail(bench: Bench): AsyncGenerator<Row> {
  const [product, limit] = [await bench.product(), await bench.limit()];
  for (const size of bench.sizes) {
    const { id, slug } = await tenantOf(size);
    const { cookie, limitCookie } = await signInAdmin(slug);
    const people = await db
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.tenantId, id), eq(users.status, 'active')))
      .limit(PEOPLE);
    const each = (path: string) => {
      let n = 0;
      return () => ({ url: `${path}/${people[n++ % people.length]?.id}` });
    };
    const costs = await measure(
      [
        {
          name: 'limit',
          url: limit.origin,
          headers: { cookie: limitCookie },
          probes: limit.probes,
          next: each(`${limit.origin}/users`),
        },
        {
          name: 'product',
          url: product.origin,
          headers: { cookie },
          probes: product.probes,
          next: each(`${product.origin}${USERS}`),
        },
      ],
      { concurrency: 1, rounds: bench.rounds, requests: PEOPLE },
    );
    yield { what: "a person's page", users: size, of: costOf(costs) };
  }
}
