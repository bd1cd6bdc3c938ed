import { and, desc, eq } from 'drizzle-orm';
import { db } from '@/db/client';
import { type AuditEntry, auditEntries } from '@/db/schema/audit';
import { sessions } from '@/db/schema/sessions';
import type { User } from '@/db/schema/users';

/** What was recorded about this person, newest first. */
export const trailOf = (user: User): Promise<AuditEntry[]> =>
  db
    .select()
    .from(auditEntries)
    .where(and(eq(auditEntries.tenantId, user.tenantId), eq(auditEntries.targetId, user.id)))
    .orderBy(desc(auditEntries.id));

export const actionsOn = async (user: User): Promise<string[]> => (await trailOf(user)).map(({ action }) => action);

export const endedSessions = async (user: User) =>
  (await db.select().from(sessions).where(eq(sessions.userId, user.id))).map(({ endReason }) => endReason);
