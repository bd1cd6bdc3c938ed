import { and, eq, like } from 'drizzle-orm';
import { z } from 'zod';
import { db } from '@/db/client';
import { auditEntries } from '@/db/schema/audit';

/** The entry that `?done=` names, if it is about provisioning. */
export async function readDone(tenantId: string, given: unknown) {
  const id = z.uuid().safeParse(given);
  if (!id.success) return null;
  const [entry] = await db
    .select()
    .from(auditEntries)
    .where(and(eq(auditEntries.tenantId, tenantId), eq(auditEntries.id, id.data), like(auditEntries.action, 'scim.%')));
  return entry ?? null;
}
