import { and } from 'drizzle-orm';
import { reading } from '@/db/replica';
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

export type Order = { sort: Sort; dir: Direction };
type Part = { place: string[] | undefined; limit: number; now: Date };

/** A part of the filtered set, from a place on: for whoever reads it from beginning to end (the export, the API, the shell). */
export const readUsers = (tenantId: string, filters: UserFilters, { sort, dir }: Order, { place, limit, now }: Part) =>
  reading((on) =>
    on
      .select({ user: users, openUntil: invitations.expiresAt, place: placeIn(sort) })
      .from(users)
      .leftJoin(invitations, openInvitation())
      .where(and(matching(tenantId, filters, now), place && beyond(sort, dir, place)))
      .orderBy(...inOrder(sort, dir))
      .limit(limit),
  );
