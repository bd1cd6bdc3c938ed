import { Agent } from 'node:http';
import { db } from '@/db/client';
import { users } from '@/db/schema/users';
import { cursor } from '@/lib/cursor';
import { inOrder, matching, placeIn } from '@/lib/users/list';
import { send } from './forms';

export const USERS = '/administration/access/users';

/** The page's ETag; null if the page may not be cached. */
export async function etagOf(url: string, cookie: string): Promise<string | null> {
  const agent = new Agent();
  const { headers } = await send(url, agent, { headers: { cookie } });
  agent.destroy();
  return headers.etag ?? null;
}

/** The cursor at a fraction of the list in address order. Found by counting (OFFSET), which the product never does. */
export async function cursorAt(tenantId: string, share: number): Promise<string> {
  const everybody = matching(tenantId, {}, new Date());
  const [row] = await db
    .select({ place: placeIn('email') })
    .from(users)
    .where(everybody)
    .orderBy(...inOrder('email', 'asc'))
    // Leave fifty rows for the last page.
    .offset(Math.floor(((await db.$count(users, everybody)) - 51) * share))
    .limit(1);
  if (!row) throw new Error('There is nobody there.');
  return cursor(row.place);
}
