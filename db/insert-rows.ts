import { getTableColumns, is, SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Tx } from './client';

type Given<T extends PgTable> = { [K in keyof T['$inferInsert']]?: T['$inferInsert'][K] | SQL };

/**
 * Inserts rows of one tenant by one statement whose text and plan are the same for any number of rows: with VALUES, each
 * number would be another text to build, parse and plan. `same` holds the values that all rows share; columns that neither
 * names get their default. Returns the ids of the rows written; `ending` says what happens to the others.
 */
export async function insertRows<T extends PgTable>(
  tx: Tx,
  table: T,
  same: Given<T> & { tenantId: string },
  rows: Given<T>[],
  ending: SQL = sql``,
): Promise<Set<string>> {
  const [first] = rows;
  if (!first) return new Set();
  const columns: Record<string, PgColumn> = getTableColumns(table);
  const column = (name: string) => columns[name] as PgColumn;
  const named = (name: string) => sql.identifier(column(name).name);
  const typed = (name: string) => sql.raw(column(name).getSQLType());
  const value = (name: string, given: unknown) =>
    is(given, SQL) ? given : sql`${sql.param(given, column(name))}::${typed(name)}`;
  const own = Object.keys(first);
  const each = rows.map((row) =>
    Object.fromEntries(own.map((name) => [column(name).name, (row as Record<string, unknown>)[name] ?? null])),
  );
  const list = (parts: SQL[]) => sql.join(parts, sql`, `);
  const written = await tx.execute<{ id: string }>(sql`
    insert into ${table} (${list([...Object.keys(same), ...own].map((name) => sql`${named(name)}`))})
    select ${list([
      ...Object.entries(same).map(([name, given]) => value(name, given)),
      ...own.map((name) => sql`given.${named(name)}`),
    ])}
    from jsonb_to_recordset(${JSON.stringify(each)}::jsonb)
      as given(${list(own.map((name) => sql`${named(name)} ${typed(name)}`))})
    ${ending} returning id`);
  return new Set(written.map(({ id }) => id));
}
