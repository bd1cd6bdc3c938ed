import type { Db } from './client';

/**
 * A query whose SQL text is built once for each pool: building it costs a request more than sending it. Values that differ
 * between requests are `sql.placeholder`s.
 */
export function prepared<Q>(build: (on: Db) => Q): (on: Db) => Q {
  const made = new WeakMap<object, Q>();
  return (on) => {
    const known = made.get(on._);
    if (known) return known;
    const query = build(on);
    made.set(on._, query);
    return query;
  };
}
