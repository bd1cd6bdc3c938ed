import { and, asc, desc, eq, gt, gte, lt, or, type SQL, sql } from 'drizzle-orm';
import { alias, type PgColumn } from 'drizzle-orm/pg-core';
import { firstIdAt, UUID } from '@/db/id';
import { reading } from '@/db/replica';
import { auditChain, auditEntries, entryColumns } from '@/db/schema/audit';
import { containsWords } from '@/db/search';
import type { Actor } from '@/lib/actor';
import type { AuditAction } from './catalogue';

/**
 * The audit log as SQL conditions for every reader (the page, a person's trail, the export, the API). Ordered by id, which
 * contains the time; a page is a range of one index of migration 0011, however deep it is. A person is two ranges, as actor and
 * as target, each read no further than the page size and merged.
 */
export type AuditFilters = {
  from?: Date | undefined;
  /** Exclusive. */
  until?: Date | undefined;
  /** As actor or target. */
  person?: string | undefined;
  action?: AuditAction | undefined;
  door?: Actor['kind'] | undefined;
  q?: string | undefined;
};

type Part = { dir: 'asc' | 'desc'; place?: string | undefined; limit: number };

export const readEntries = (tenantId: string, filters: AuditFilters, part: Part) =>
  entriesOf(tenantId, idsOf(tenantId, filters, part), inOrder(part.dir));

/**
 * Entries with a greater number, in that order. A reader that follows the log by number misses none, since numbers are given at
 * commit. By id or time it would miss entries begun before its last one but committed after it.
 */
export const readEntriesAfter = (tenantId: string, number: number, limit: number) =>
  entriesOf(
    tenantId,
    sql`select ${auditChain.entryId} as id from ${auditChain}
      where ${and(eq(auditChain.tenantId, tenantId), gt(auditChain.number, number))} order by ${auditChain.number} limit ${limit}`,
    asc(auditChain.number),
  );

function entriesOf(tenantId: string, ids: SQL, order: SQL) {
  const before = alias(auditChain, 'before');
  const page = sql`(${ids}) as page`;
  return reading((on) =>
    on
      .select({
        entry: entryColumns,
        number: auditChain.number,
        sealedAt: auditChain.sealedAt,
        hash: auditChain.hash,
        previous: sql<string>`coalesce(${before.hash}, '')`,
      })
      .from(page)
      .innerJoin(auditEntries, sql`${auditEntries.tenantId} = ${tenantId} and ${auditEntries.id} = page.id`)
      .leftJoin(auditChain, and(eq(auditChain.tenantId, tenantId), eq(auditChain.entryId, auditEntries.id)))
      .leftJoin(before, and(eq(before.tenantId, tenantId), eq(before.number, sql`${auditChain.number} - 1`)))
      .orderBy(order),
  );
}

export type ReadEntry = Awaited<ReturnType<typeof readEntries>>[number];

const inOrder = (dir: Part['dir']) => (dir === 'asc' ? asc(auditEntries.id) : desc(auditEntries.id));

/** The ids of one page, from index ranges alone, so that only the page's own rows are read from the table. */
export function idsOf(tenantId: string, filters: AuditFilters, part: Part): SQL {
  const { person, ...rest } = filters;
  const range = (more?: SQL) => sql`
    select ${auditEntries.id} from ${auditEntries} where ${and(eq(auditEntries.tenantId, tenantId), more, within(rest, part))}
    order by ${inOrder(part.dir)} limit ${part.limit}`;
  if (person === undefined) return range();
  const theirs = (column: PgColumn) => eq(column, person);
  const byOthers = sql`${auditEntries.actorId} is distinct from ${person}`;
  return sql`select id from ((${range(theirs(auditEntries.actorId))}) union all (${range(and(theirs(auditEntries.targetId), byOthers))})) ranges
    order by id ${sql.raw(part.dir)} limit ${part.limit}`;
}

function within({ from, until, action, door, q }: AuditFilters, { dir, place }: Part): SQL | undefined {
  const { id } = auditEntries;
  return and(
    from && gte(id, firstIdAt(from)),
    until && lt(id, firstIdAt(until)),
    place === undefined ? undefined : dir === 'asc' ? gt(id, place) : lt(id, place),
    action && eq(auditEntries.action, action),
    door && eq(auditEntries.actorKind, door),
    q
      ? UUID.test(q)
        ? or(eq(id, q), containsWords(auditEntries.search, q))
        : containsWords(auditEntries.search, q)
      : undefined,
  );
}
