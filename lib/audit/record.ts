import { sql } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { databaseMs, trustClock } from '@/db/clock';
import { newId } from '@/db/id';
import { auditEntries } from '@/db/schema/audit';
import { users } from '@/db/schema/users';
import { type Actor, personOf } from '@/lib/actor';
import type { AuditAction, AuditCatalogue } from './catalogue';

/** With names where the caller has them: as they were before the deed. */
export type Target = { id: string; email: string; firstName?: string; lastName?: string };

export type NewEntry = {
  [A in AuditAction]: { action: A; target: Target | null; details: AuditCatalogue[A] };
}[AuditAction];

/**
 * Writes the entry of a deed in the deed's own transaction: no entry, no deed. Returns the entry's id. Addresses and names
 * are snapshots; the database chains the entry at the commit. A date that the chain would give the lie is no date: then there
 * is no deed either.
 */
export async function record<A extends AuditAction>(
  tx: Tx,
  now: Date,
  actor: Actor,
  action: A,
  target: Target | null,
  details: AuditCatalogue[A],
): Promise<string> {
  const [id] = await recordMany(tx, now, actor, [{ action, target, details } as NewEntry]);
  return String(id);
}

/** The entries of a deed on many, by one statement, in this order. */
export async function recordMany(tx: Tx, now: Date, actor: Actor, entries: NewEntry[]): Promise<string[]> {
  if (entries.length === 0) return [];
  const by = {
    tenantId: actor.tenantId,
    at: now,
    actorKind: actor.kind,
    actorId: 'userId' in actor ? actor.userId : actor.id,
    actorLabel: actor.label,
    actorName: personOf(actor) === null ? null : nameNow(actor.tenantId, personOf(actor)),
    sessionId: actor.kind === 'user' ? actor.sessionId : null,
    keyId: actor.kind === 'api_key' ? actor.keyId : null,
    keyName: actor.kind === 'api_key' ? actor.keyName : null,
    ip: actor.origin.ip,
    userAgent: actor.origin.userAgent?.slice(0, 500) ?? null,
  };
  const rows = entries.map(({ action, target, details }) => ({
    ...by,
    id: newId(now),
    action,
    targetId: target?.id ?? null,
    targetLabel: target?.email ?? null,
    targetName: target && (nameGiven(target) ?? nameNow(actor.tenantId, target.id)),
    details,
  }));
  const [written] = await tx.insert(auditEntries).values(rows).returning({ ms: databaseMs });
  trustClock(Number(written?.ms));
  return rows.map(({ id }) => id);
}

const nameGiven = ({ firstName, lastName }: Target) =>
  firstName === undefined ? null : `${firstName} ${lastName ?? ''}`.trim() || null;

const nameNow = (tenantId: string, userId: string | null) =>
  sql`(select nullif(trim(${users.firstName} || ' ' || ${users.lastName}), '') from ${users} where ${users.tenantId} = ${tenantId} and ${users.id} = ${userId})`;
