import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { auditChain, auditEntries, auditHeads, entryColumns } from '@/db/schema/audit';
import type { UserActor } from '@/lib/actor';
import { done, refuse } from '@/lib/outcome';
import { LIMITS, take } from '@/lib/rate-limit';
import { hashOf, lineOf } from './line';

/**
 * Reads a tenant's whole chain and returns the first entry that differs from its seal. Uses one snapshot of the database, so that
 * concurrent writes break nothing, and reads page by page, so that memory stays constant.
 */
export type Broken = { words: string; number: number | null; entryId: string | null };
export type Verdict = { entries: number; head: string; broken: Broken | null };

const PAGE = 2000;
/** An entry is sealed in the transaction that wrote it. A longer gap means that its date was made up. */
const LATE_MS = 3_600_000;

/** Shorter than the time limit of a request. */
const WHILE_ONE_WAITS_MS = 20_000;

/** For the page's button: an admin verifies the whole log, a few times a minute at most. */
export async function verifyLog({ tenantId }: Pick<UserActor, 'tenantId'>, patienceMs = WHILE_ONE_WAITS_MS) {
  if ((await take(LIMITS.verifyAudit, tenantId)) > 0) return refuse('verified-lately');
  try {
    return done(await verifyChain(tenantId, performance.now() + patienceMs));
  } catch (error) {
    if (error instanceof TooLong) return refuse('log-too-long');
    throw error;
  }
}

class TooLong extends Error {}

/** The newest number and hash, to be noted down elsewhere. */
export async function findHead(tenantId: string): Promise<{ number: number; hash: string }> {
  const [head] = await db.select().from(auditHeads).where(eq(auditHeads.tenantId, tenantId));
  return head ?? { number: 0, hash: '' };
}

/** @throws TooLong if it has not finished by `until`, on the clock of `performance.now()` */
export const verifyChain = (tenantId: string, until = Number.POSITIVE_INFINITY): Promise<Verdict> =>
  db.transaction(
    async (tx) => {
      const { entries, head, lastId, broken } = await walk(tx, tenantId, until);
      const stranger = await findStranger(tx, tenantId);
      const first = stranger && (!broken || stranger.entryId < (broken.entryId ?? lastId)) ? stranger : broken;
      return { entries, head, broken: first };
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );

async function walk(tx: Tx, tenantId: string, until: number) {
  let [entries, head, lastId] = [0, '', ''];
  const at = (words: string, entryId: string | null = null) => ({
    ...{ entries, head, lastId },
    broken: { words: `Entry ${entries + 1} ${words}`, number: entries + 1, entryId },
  });
  for (;;) {
    if (performance.now() > until) throw new TooLong(`${entries} entries were read`);
    const page = await readLinks(tx, tenantId, entries);
    for (const { link, entry } of page) {
      if (link.number !== entries + 1) return at('is missing.');
      if (!entry) return at(`is missing. Its id was ${link.entryId}.`, link.entryId);
      const named = (words: string) => at(`(${entry.at.toISOString()}, ${entry.action}) ${words}`, entry.id);
      if (hashOf(lineOf(entry, link, head)) !== link.hash)
        return named('does not match its seal: it was changed or moved.');
      if (link.sealedAt.getTime() - entry.at.getTime() > LATE_MS)
        return named(`was written later than it says, on ${link.sealedAt.toISOString()}.`);
      [entries, head, lastId] = [link.number, link.hash, entry.id];
    }
    if (page.length < PAGE) break;
  }
  const [kept] = await tx.select().from(auditHeads).where(eq(auditHeads.tenantId, tenantId));
  if (kept && kept.number > entries)
    return at(`is missing, and all after it: the log went on to number ${kept.number}.`);
  if ((kept?.number ?? 0) !== entries || (kept?.hash ?? '') !== head)
    return at('is where the log ends, but its head says otherwise: the head was changed.');
  return { entries, head, lastId, broken: null };
}

const readLinks = (tx: Tx, tenantId: string, after: number) =>
  tx
    .select({ link: auditChain, entry: entryColumns })
    .from(auditChain)
    .leftJoin(auditEntries, and(eq(auditEntries.id, auditChain.entryId), eq(auditEntries.tenantId, tenantId)))
    .where(and(eq(auditChain.tenantId, tenantId), gt(auditChain.number, after)))
    .orderBy(asc(auditChain.number))
    .limit(PAGE);

/** An entry that is not in the chain: it was inserted past the trigger. */
async function findStranger(tx: Tx, tenantId: string) {
  const [stranger] = await tx
    .select({ id: auditEntries.id, at: auditEntries.at })
    .from(auditEntries)
    .where(
      and(
        eq(auditEntries.tenantId, tenantId),
        sql`not exists (select 1 from ${auditChain} where ${auditChain.entryId} = ${auditEntries.id} and ${auditChain.tenantId} = ${tenantId})`,
      ),
    )
    .orderBy(auditEntries.id)
    .limit(1);
  if (!stranger) return null;
  const words = `An entry of ${stranger.at.toISOString()} (${stranger.id}) has no place in the chain: it was inserted.`;
  return { words, number: null, entryId: stranger.id };
}
