const MOST_KEPT = 2_000;

/**
 * What depends on nothing but rows whose every change moves the tenant's number (migration 24), found again only when it has
 * moved. The number must have been read from the database in this very request, before this is asked, so what is told is
 * never older than it. For the eye; no command decides by it. Of tenants, those not asked for long go first.
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
