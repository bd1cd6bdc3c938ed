import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import { db } from '@/db/client';
import { type AuditEntry, auditEntries, entryColumns } from '@/db/schema/audit';

/** The entry named by a `?done=` parameter, if it belongs to this tenant. */
export async function findEntry(tenantId: string, given: unknown): Promise<AuditEntry | null> {
  const id = z.uuid().safeParse(given);
  if (!id.success) return null;
  const [entry] = await db
    .select(entryColumns)
    .from(auditEntries)
    .where(and(eq(auditEntries.tenantId, tenantId), eq(auditEntries.id, id.data)));
  return entry ?? null;
}
