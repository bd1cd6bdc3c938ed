import { sql } from 'drizzle-orm';
import { reading } from '@/db/replica';
import { invitations } from '@/db/schema/invitations';
import { users } from '@/db/schema/users';
import { inOrder, openInvitation, placeIn, type UserFilters } from './list';
import { type Order, type Part, pageOf } from './page';

/** A part of the filtered set from a position on, for readers of the whole set (the API, the shell). */
export const readUsers = (tenantId: string, filters: UserFilters, order: Order, part: Part) =>
  reading((on) =>
    on
      .select({ user: users, openUntil: invitations.expiresAt, place: placeIn(order.sort) })
      .from(sql`(${pageOf(tenantId, filters, order, part)}) page`)
      .innerJoin(users, sql`${users.tenantId} = ${tenantId} and ${users.id} = page.id`)
      .leftJoin(invitations, openInvitation())
      .orderBy(...inOrder(order.sort, order.dir)),
  );
