import type { Tx } from '@/db/client';
import { newId } from '@/db/id';
import { auditEntries } from '@/db/schema/audit';
import type { Actor } from '@/lib/actor';
import type { AuditAction, AuditCatalogue } from './catalogue';

export type Target = { id: string; email: string };

/** Writes the entry of a deed in the deed's own transaction: no entry, no deed. Returns the entry's id. */
export async function record<A extends AuditAction>(
  tx: Tx,
  now: Date,
  actor: Actor,
  action: A,
  target: Target | null,
  details: AuditCatalogue[A],
): Promise<string> {
  const id = newId(now);
  await tx.insert(auditEntries).values({
    id,
    tenantId: actor.tenantId,
    at: now,
    action,
    actorKind: actor.kind,
    actorId: actor.kind === 'user' ? actor.userId : actor.id,
    actorLabel: actor.label,
    targetId: target?.id ?? null,
    targetLabel: target?.email ?? null,
    sessionId: actor.kind === 'user' ? actor.sessionId : null,
    ip: actor.origin.ip,
    userAgent: actor.origin.userAgent?.slice(0, 500) ?? null,
    details,
  });
  return id;
}
