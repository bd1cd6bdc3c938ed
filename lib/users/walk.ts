import type { UserFilters } from './list';
import type { Order } from './page';
import { readUsers } from './read';

const PAGE = 1000;

/**
 * Everybody of the filtered set, in order, read page by page by keyset as fast as they are taken: constant memory, and no
 * transaction held open by a slow reader. `openUntil` is when the open invitation ends.
 */
export async function* walk(tenantId: string, filters: UserFilters, order: Order, now: Date) {
  for (let place: string[] | undefined; ; ) {
    const page = await readUsers(tenantId, filters, order, { place, limit: PAGE, now });
    yield* page;
    if (page.length < PAGE) return;
    place = page.at(-1)?.place;
  }
}
