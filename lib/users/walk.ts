import { and } from 'drizzle-orm';
import { db } from '@/db/client';
import { invitations } from '@/db/schema/invitations';
import { users } from '@/db/schema/users';
import {
  beyond,
  type Direction,
  inOrder,
  matching,
  openInvitation,
  placeIn,
  type Sort,
  type UserFilters,
} from './list';

const PAGE = 1000;

export type Order = { sort: Sort; dir: Direction };

/**
 * Everybody of the filtered set, in order, read page by page by keyset as fast as they are taken: constant memory, and no
 * transaction held open by a slow reader. `openUntil` is when the open invitation ends.
 */
export async function* walk(tenantId: string, filters: UserFilters, { sort, dir }: Order, now: Date) {
  for (let place: string[] | undefined; ; ) {
    const page = await db
      .select({ user: users, openUntil: invitations.expiresAt, place: placeIn(sort) })
      .from(users)
      .leftJoin(invitations, openInvitation())
      .where(and(matching(tenantId, filters, now), place && beyond(sort, dir, place)))
      .orderBy(...inOrder(sort, dir))
      .limit(PAGE);
    yield* page;
    if (page.length < PAGE) return;
    place = page.at(-1)?.place;
  }
}
