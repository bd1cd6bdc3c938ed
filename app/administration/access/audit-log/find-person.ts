import { and, desc, eq } from 'drizzle-orm';
import { db } from '@/db/client';
import { UUID } from '@/db/id';
import { users } from '@/db/schema/users';
import { emailField } from '@/lib/users/fields';
import { isAddress } from '@/lib/users/find';

/** Nobody has this id, so nobody's entries are found. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Whom an address or id names; who was removed too, the last who had the address first. An id may be of somebody erased. */
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
