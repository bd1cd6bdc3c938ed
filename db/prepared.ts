import type { Db } from './client';

/**
 * A query whose text is made once for each pool: to make it anew costs a request more than to send it. What differs from one
 * request to the next stands in it as `sql.placeholder`.
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
