import { XMLSerializer } from '@xmldom/xmldom';
import { and, desc, eq, lt, ne, or, sql } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { newId } from '@/db/id';
import { samlExchanges } from '@/db/schema/saml';
import { LIMITS, take } from '@/lib/rate-limit';
import { type Attributes, FIELDS, type Names, nameOf, readAttributes } from './attributes';
import type { Connection } from './connection';
import { attribute, NS } from './read-xml';
import type { Problem } from './reasons';

/**
 * The flight recorder: the last hundred messages of a connection, so that an admin sees what their provider sends and why
 * it was refused. It is a log; nothing is decided by it. Not stored, since they could be reused or are private: signatures,
 * ciphertext, and the values of attributes that are not read (a test's report keeps those values).
 */
export type Exchange = typeof samlExchanges.$inferSelect;
const KEEP = 100;
/** How long a response waits for the browser that sent the request. */
const WAITING_MS = 10 * 60_000;
const XML_MOST = 60_000;

type Heard = Pick<Exchange, 'direction' | 'kind' | 'outcome'> & {
  problem?: Problem | null;
  subject?: string | null;
  xml?: string | null;
  report?: Record<string, unknown> | null;
};

export async function recordExchange(on: Tx | typeof db, now: Date, tenantId: string, heard: Heard): Promise<string> {
  const id = newId(now);
  const { problem, subject, xml, report, ...rest } = heard;
  await on.insert(samlExchanges).values({
    id,
    tenantId,
    at: now,
    ...rest,
    reason: problem?.reason ?? null,
    subject: subject?.slice(0, 320) ?? null,
    xml: xml?.slice(0, XML_MOST) ?? null,
    report: problem?.facts || report ? { ...report, facts: problem?.facts ?? {} } : null,
  });
  const oldest = on
    .select({ id: samlExchanges.id })
    .from(samlExchanges)
    .where(eq(samlExchanges.tenantId, tenantId))
    .orderBy(desc(samlExchanges.id))
    .offset(KEEP - 1)
    .limit(1);
  await on.delete(samlExchanges).where(
    and(
      eq(samlExchanges.tenantId, tenantId),
      lt(samlExchanges.id, sql`(${oldest})`),
      // Deleting an exchange also deletes its parked response, so recent waiting ones are kept.
      or(ne(samlExchanges.outcome, 'waiting'), lt(samlExchanges.at, new Date(now.getTime() - WAITING_MS))),
    ),
  );
  return id;
}

/**
 * Records messages that anybody can cause without a key, rate limited so that a flood does not push out the provider's own
 * messages. Null if the message was not recorded.
 */
export async function recordNoise(now: Date, { tenantId }: Connection, heard: Heard): Promise<string | null> {
  const limit = heard.direction === 'sent' ? LIMITS.samlSent : LIMITS.samlNoise;
  if ((await take(limit, tenantId, now)) > 0) return null;
  return recordExchange(db, now, tenantId, heard);
}

export async function settleExchange(
  tx: Tx,
  tenantId: string,
  id: string,
  outcome: Exchange['outcome'],
  problem: Problem | null,
): Promise<void> {
  await tx
    .update(samlExchanges)
    .set({ outcome, reason: problem?.reason ?? null })
    .where(and(eq(samlExchanges.tenantId, tenantId), eq(samlExchanges.id, id)));
}

export const listExchanges = (tenantId: string) =>
  db
    .select({
      id: samlExchanges.id,
      at: samlExchanges.at,
      direction: samlExchanges.direction,
      kind: samlExchanges.kind,
      outcome: samlExchanges.outcome,
      reason: samlExchanges.reason,
      subject: samlExchanges.subject,
      facts: sql<Record<string, string> | null>`${samlExchanges.report} -> 'facts'`,
    })
    .from(samlExchanges)
    .where(eq(samlExchanges.tenantId, tenantId))
    .orderBy(desc(samlExchanges.id))
    .limit(KEEP);

export async function findExchange(tenantId: string, id: string): Promise<Exchange | null> {
  const [found] = await db
    .select()
    .from(samlExchanges)
    .where(and(eq(samlExchanges.tenantId, tenantId), eq(samlExchanges.id, id)));
  return found ?? null;
}

const SECRET = new Set(['SignatureValue', 'CipherValue', 'X509Certificate', 'Modulus']);

type Read = Names & { groupAttribute: string | null };

const masked = (value: string) => `… ${value.length} characters`;

/** Whether the values of an attribute are read here, and so may be kept. */
function keptOf(sent: Attributes, names: Read): (name: string) => boolean {
  const read = new Set(FIELDS.map((field) => nameOf(field, sent, names)));
  return (name) => read.has(name) || name.toLowerCase() === names.groupAttribute?.toLowerCase();
}

/** Keeps the values that are read and masks the others. */
export function maskAttributes(sent: Attributes, names: Read): Attributes {
  const isKept = keptOf(sent, names);
  return Object.fromEntries(
    Object.entries(sent).map(([name, values]) => [name, isKept(name) ? values : values.map(masked)]),
  );
}

/** The document as it may be stored. Changes it in place, since nobody reads it afterwards. */
export function redact(root: Element, names: Read): string {
  for (const element of Array.from(root.getElementsByTagName('*')))
    if (SECRET.has(element.localName)) element.textContent = '…';
  const sent = readAttributes(
    root.localName === 'Assertion' ? root : (root.getElementsByTagNameNS(NS.assertion, 'Assertion')[0] ?? root),
  );
  const isKept = keptOf(sent, names);
  for (const element of Array.from(root.getElementsByTagNameNS(NS.assertion, 'Attribute'))) {
    if (isKept(attribute(element, 'Name') ?? '')) continue;
    for (const value of Array.from(element.getElementsByTagNameNS(NS.assertion, 'AttributeValue')))
      value.textContent = masked(value.textContent ?? '');
  }
  return new XMLSerializer().serializeToString(root);
}
