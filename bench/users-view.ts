import { Agent } from 'node:http';
import { db } from '@/db/client';
import { users } from '@/db/schema/users';
import { cursor } from '@/lib/cursor';
import { inOrder, matching, placeIn } from '@/lib/users/list';
import { send } from './forms';

export const USERS = '/administration/access/users';

/** What the page would be revalidated by; null while nothing of it is kept. */
export async function etagOf(url: string, cookie: string): Promise<string | null> {
  const agent = new Agent();
  const { headers } = await send(url, agent, { headers: { cookie } });
  agent.destroy();
  return headers.etag ?? null;
}

/** The cursor of a place in the list by address, found by counting, which the product never does: a share of the whole. */
export async function cursorAt(tenantId: string, share: number): Promise<string> {
  const everybody = matching(tenantId, {}, new Date());
  const [row] = await db
    .select({ place: placeIn('email') })
    .from(users)
    .where(everybody)
    .orderBy(...inOrder('email', 'asc'))
    // The last page has its fifty rows too.
    .offset(Math.floor(((await db.$count(users, everybody)) - 51) * share))
    .limit(1);
  if (!row) throw new Error('There is nobody there.');
  return cursor(row.place);
}
