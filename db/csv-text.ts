import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

/** A text as a CSV cell. The database builds the same bytes as lib/csv.ts: guarded against formulas, then quoted. */
export const csvText = (text: SQL | PgColumn): SQL => {
  const has = (...signs: string[]) =>
    sql.join(
      signs.map((sign) => sql`strpos(${text}, ${sql.raw(sign)}) > 0`),
      sql` or `,
    );
  const guard = sql`case when left(${text}, 1) = any (array['=', '+', '-', '@', E'\\t', E'\\r', '＝', '＋', '－', '＠']) then '''' else '' end`;
  const guarded = sql`${guard} || case when ${has("';'", "E'\\t'", "E'\\r'", "E'\\n'")}
    then regexp_replace(${text}, '([;\\t\\r\\n])(?=[-=+@＝＋－＠])', '\\1''', 'g') else ${text} end`;
  return sql`case when ${has(`'"'`, "','", "E'\\r'", "E'\\n'")}
    then '"' || replace(${guarded}, '"', '""') || '"' else ${guarded} end`;
};
