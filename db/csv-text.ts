import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

/** A text as a cell of CSV, made by the database to the byte as lib/csv.ts makes it: guarded against formulas, then quoted. */
export const csvText = (text: SQL | PgColumn): SQL => {
  const guard = sql`case when left(${text}, 1) = any (array['=', '+', '-', '@', E'\\t', E'\\r', '＝', '＋', '－', '＠']) then '''' else '' end`;
  return sql`case when strpos(${text}, '"') > 0 or strpos(${text}, ',') > 0 or strpos(${text}, E'\\r\\n') > 0
    then '"' || ${guard} || replace(${text}, '"', '""') || '"' else ${guard} || ${text} end`;
};
