const MOST_KEPT = 2_000;

/**
 * Caches a result per tenant until its list_changes counter moves (migration 24). Only for results made of rows whose triggers
 * move it. The counter must be read from the database in the same request, before this call, so that the result is never older
 * than it. For display only: no command decides by it. The least recently used tenants are evicted first.
 */
export function untilListChanges<A extends unknown[], T>(find: (tenantId: string, ...rest: A) => Promise<T>) {
  const kept = new Map<string, { listChanges: number; found: T }>();
  return async (tenantId: string, listChanges: number, ...rest: A): Promise<T> => {
    const known = kept.get(tenantId);
    const found = known?.listChanges === listChanges ? known.found : await find(tenantId, ...rest);
    kept.delete(tenantId);
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value as string);
    kept.set(tenantId, { listChanges, found });
    return found;
  };
}
