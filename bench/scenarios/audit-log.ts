import { and, desc, eq } from 'drizzle-orm';
import { db } from '@/db/client';
import { auditEntries } from '@/db/schema/audit';
import { type Bench, tenantOf } from '../bench';
import { costOf, measure } from '../measure';
import type { Row } from '../results';
import { signInAdmin } from '../sign-in';

const LOG = '/administration/access/audit-log';

/** The audit log in four views: newest entries, half-way down, one action, and a search. */
export async function* auditLog(bench: Bench): AsyncGenerator<Row> {
  const [product, limit] = [await bench.product(), await bench.limit()];
  for (const size of bench.sizes) {
    const { id, slug } = await tenantOf(size);
    const { cookie, limitCookie } = await signInAdmin(slug);
    const views = {
      'newest entries': '',
      'half-way down': `after=${await entryAt(id)}`,
      'of one action': 'action=user.deactivated',
      'search “smith”': 'q=smith',
    };
    for (const [what, query] of Object.entries(views)) {
      const costs = await measure(
        [
          {
            name: 'limit',
            url: `${limit.origin}/audit-log?${query}`,
            headers: { cookie: limitCookie },
            probes: limit.probes,
          },
          { name: 'product', url: `${product.origin}${LOG}?${query}`, headers: { cookie }, probes: product.probes },
        ],
        { concurrency: 1, rounds: bench.rounds, requests: 10 },
      );
      yield { what: `audit log, ${what}`, users: size, of: costOf(costs) };
    }
  }
}

async function entryAt(tenantId: string): Promise<string> {
  const where = and(eq(auditEntries.tenantId, tenantId));
  const offset = Math.floor((await db.$count(auditEntries, where)) / 2);
  const [entry] = await db
    .select({ id: auditEntries.id })
    .from(auditEntries)
    .where(where)
    .orderBy(desc(auditEntries.id))
    .offset(offset)
    .limit(1);
  if (!entry) throw new Error('The log is empty');
  return entry.id;
}
