import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { databaseMs, trustClock } from '@/db/clock';
import { newId } from '@/db/id';
import { auditEntries, entryColumns } from '@/db/schema/audit';
import { users } from '@/db/schema/users';
import { type Actor, personOf } from '@/lib/actor';
import type { AuditAction, AuditCatalogue } from './catalogue';

/** Names are given if the caller has them, as they were before the change. */
export type Target = { id: string; email: string; firstName?: string; lastName?: string };

export type NewEntry = {
  [A in AuditAction]: { action: A; target: Target | null; details: AuditCatalogue[A] };
}[AuditAction];

/**
 * Writes a command's audit entry in the command's own transaction: neither commits without the other. Returns the entry's id.
 * Addresses and names are snapshots; the database chains the entry at commit. Throws WrongClock if our date would contradict the
 * chain, so the command fails too.
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

/** Writes many entries in the order given, in one statement whose text and plan are the same for any number. */
export async function recordMany(tx: Tx, now: Date, actor: Actor, entries: NewEntry[]): Promise<string[]> {
  if (entries.length === 0) return [];
  const rows = entries.map(({ action, target, details }) => ({
    id: newId(now),
    action,
    target_id: target?.id ?? null,
    target_label: target?.email ?? null,
    target_name: target && nameGiven(target),
    details,
  }));
  const person = personOf(actor);
  const values: Record<keyof typeof auditEntries.$inferInsert, SQL> = {
    id: sql`entry.id`,
    tenantId: sql`${actor.tenantId}::uuid`,
    at: sql`${now.toISOString()}::timestamptz`,
    action: sql`entry.action`,
    actorKind: sql`${actor.kind}::actor_kind`,
    actorId: sql`${'userId' in actor ? actor.userId : actor.id}::uuid`,
    actorLabel: sql`${actor.label}::text`,
    actorName: nameNow(actor.tenantId, sql`${person}::uuid`),
    targetId: sql`entry.target_id`,
    targetLabel: sql`entry.target_label`,
    targetName: sql`coalesce(entry.target_name, ${nameNow(actor.tenantId, sql`entry.target_id`)})`,
    sessionId: sql`${actor.kind === 'user' ? actor.sessionId : null}::uuid`,
    keyId: sql`${actor.kind === 'api_key' ? actor.keyId : null}::uuid`,
    keyName: sql`${actor.kind === 'api_key' ? actor.keyName : null}::text`,
    ip: sql`${actor.origin.ip}::text`,
    userAgent: sql`${actor.origin.userAgent?.slice(0, 500) ?? null}::text`,
    details: sql`entry.details`,
  };
  const inOrder = Object.keys(entryColumns).map((name) => values[name as keyof typeof values]);
  const [written] = await tx
    .insert(auditEntries)
    .select(sql`
      select ${sql.join(inOrder, sql`, `)}
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as entry(
        id uuid, action text, target_id uuid, target_label text, target_name text, details jsonb)
      order by entry.id`)
    .returning({ ms: databaseMs })
    .prepare('record')
    .execute();
  trustClock(Number(written?.ms));
  return rows.map(({ id }) => id);
}

const nameGiven = ({ firstName, lastName }: Target) => `${firstName ?? ''} ${lastName ?? ''}`.trim() || null;

const nameNow = (tenantId: string, userId: SQL) =>
  sql`(select nullif(trim(${users.firstName} || ' ' || ${users.lastName}), '') from ${users} where ${users.tenantId} = ${tenantId} and ${users.id} = ${userId})`;
