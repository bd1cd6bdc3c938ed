import { createHash } from 'node:crypto';
import type { AuditEntry, auditChain } from '@/db/schema/audit';

type Link = Pick<typeof auditChain.$inferSelect, 'number' | 'sealedAt'>;

/**
 * An entry as it is hashed and exported: every column, its number in the chain, and the previous hash (empty at number 1). The
 * database function `audit_line` builds the same line; every verification compares the two.
 */
export function lineOf(entry: AuditEntry, { number, sealedAt }: Link, previous: string) {
  const { id, tenantId, at, action, actorKind, actorId, actorLabel, actorName, targetId, targetLabel, targetName } =
    entry;
  const { sessionId, keyId, keyName, ip, userAgent, details } = entry;
  return {
    number,
    at: at.toISOString(),
    action,
    actorKind,
    actorId,
    actorLabel,
    actorName,
    targetId,
    targetLabel,
    targetName,
    details,
    ip,
    userAgent,
    sessionId,
    keyId,
    keyName,
    id,
    tenantId,
    sealedAt: sealedAt.toISOString(),
    previous,
  };
}

export const hashOf = (line: unknown): string => createHash('sha256').update(canonical(line)).digest('hex');

/** The canonical text of a value: keys sorted by length in bytes, then by bytes; a space after each comma and colon. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => ({ key: Buffer.from(key), member }));
  members.sort((a, b) => a.key.length - b.key.length || Buffer.compare(a.key, b.key));
  return `{${members.map(({ key, member }) => `${JSON.stringify(key.toString())}: ${canonical(member)}`).join(', ')}}`;
}
