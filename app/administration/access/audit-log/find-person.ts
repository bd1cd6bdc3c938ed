import { and, desc, eq } from 'drizzle-orm';
import { db } from '@/db/client';
import { UUID } from '@/db/id';
import { users } from '@/db/schema/users';
import { emailField } from '@/lib/users/fields';
import { isAddress } from '@/lib/users/find';

/** No user has this id, so the filter finds no entries. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/**
 * The id of the person whom an address or id names, removed people included. Of several with the same address, the newest
 * account counts. An id is not looked up, since it may belong to an erased person.
 */
export async function findPerson(tenantId: string, person: string | undefined): Promise<string | undefined> {
  if (person === undefined) return undefined;
  if (UUID.test(person)) return person.toLowerCase();
  const [user] = await db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.tenantId, tenantId), isAddress(emailField.safeParse(person).data ?? person)))
    .orderBy(desc(users.createdAt))
    .limit(1);
  return user?.id ?? NOBODY;
}
