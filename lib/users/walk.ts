import type { UserFilters } from './list';
import type { Order } from './page';
import { readUsers } from './read';

const PAGE = 1000;

/**
 * Yields the filtered set in order, read page by page by keyset at the reader's pace: constant memory, and a slow reader holds no
 * transaction open. `openUntil` is when the open invitation expires.
 */
export async function* walk(tenantId: string, filters: UserFilters, order: Order, now: Date) {
  for (let place: string[] | undefined; ; ) {
    const page = await readUsers(tenantId, filters, order, { place, limit: PAGE, now });
    yield* page;
    if (page.length < PAGE) return;
    place = page.at(-1)?.place;
  }
}
