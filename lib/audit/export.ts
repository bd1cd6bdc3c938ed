import { Readable } from 'node:stream';
import { and, eq } from 'drizzle-orm';
import { db } from '@/db/client';
import { auditChain } from '@/db/schema/audit';
import { transaction } from '@/db/transaction';
import type { UserActor } from '@/lib/actor';
import { csvStream } from '@/lib/csv';
import { lineOf } from './line';
import { type AuditFilters, type ReadEntry, readEntries } from './list';
import { record } from './record';
import { actorOfEntry, DOOR_NAMES, sentence } from './sentence';

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;
type Format = (typeof EXPORT_FORMATS)[number];

const PAGE = 1000;

/**
 * The filtered set, oldest first, up to the export's own entry. Entries with smaller numbers were committed before it, so an
 * unfiltered export has every number from 1 on. Read page by page by keyset: constant memory.
 */
export async function exportAudit(
  actor: UserActor,
  filters: AuditFilters,
  format: Format,
): Promise<ReadableStream<Uint8Array>> {
  const filter = Object.fromEntries(
    Object.entries(filters).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value instanceof Date ? value.toISOString() : value]],
    ),
  );
  const own = await transaction((tx, now) => record(tx, now, actor, 'audit.exported', null, { format, filter }));
  const [end] = await db
    .select({ number: auditChain.number })
    .from(auditChain)
    .where(and(eq(auditChain.tenantId, actor.tenantId), eq(auditChain.entryId, own)));
  const rows = entries(actor.tenantId, filters, end?.number ?? 0);
  if (format === 'csv') return csvStream(cells(rows));
  return Readable.toWeb(Readable.from(lines(rows)).map(Buffer.from)) as ReadableStream<Uint8Array>;
}

async function* entries(tenantId: string, filters: AuditFilters, last: number): AsyncGenerator<ReadEntry> {
  for (let place: string | undefined; ; ) {
    const page = await readEntries(tenantId, filters, { dir: 'asc', place, limit: PAGE });
    for (const row of page) if (row.number === null || row.number <= last) yield row;
    if (page.length < PAGE) return;
    place = page.at(-1)?.entry.id;
  }
}

/** The lines as they were hashed, with the hash. docs/audit-log.md explains how to verify them without us. */
async function* lines(rows: AsyncIterable<ReadEntry>): AsyncGenerator<string> {
  for await (const { entry, number, sealedAt, previous, hash } of rows) {
    if (number === null || sealedAt === null) continue;
    yield `${JSON.stringify({ ...lineOf(entry, { number, sealedAt }, previous), hash })}\n`;
  }
}

const HEADER = [
  'Number',
  'Time (UTC)',
  'What',
  'Action',
  'Who',
  'Who: Address',
  'Who: Id',
  'Door',
  'Whom',
  'Whom: Address',
  'Whom: Id',
  'IP Address',
  'Device',
  'Session Id',
  'API Key Id',
  'Details',
  'Entry Id',
  'Hash',
];

async function* cells(rows: AsyncIterable<ReadEntry>): AsyncGenerator<string[]> {
  yield HEADER;
  for await (const { entry, number, hash } of rows) {
    yield [
      String(number ?? ''),
      entry.at.toISOString(),
      sentence(entry),
      entry.action,
      actorOfEntry(entry),
      entry.actorLabel,
      entry.actorId ?? '',
      DOOR_NAMES[entry.actorKind],
      entry.targetName ?? '',
      entry.targetLabel ?? '',
      entry.targetId ?? '',
      entry.ip ?? '',
      entry.userAgent ?? '',
      entry.sessionId ?? '',
      entry.keyId ?? '',
      JSON.stringify(entry.details),
      entry.id,
      hash ?? '',
    ];
  }
}
