import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { BackupError, readBackup, writeBackup } from '@/db/backup';
import { db } from '@/db/client';
import { tenants } from '@/db/schema/tenants';
import { acrossTenants } from '@/db/tenant-wall';
import { verifyChain } from '@/lib/audit/verify';
import { seal, unseal } from '@/lib/crypto/seal';
import { directUrl, env } from '@/lib/env';
import { type Command, command, Refused, text } from './command';

const FILE = { file: { value: 'FILE', help: 'the backup', operand: true } } as const;
const ofFile = z.object({ file: text });
const PURPOSE = 'backup';

/**
 * Turns expected errors into refusals: a damaged backup, and file system errors (no space, no such folder, a folder in place
 * of a file).
 */
const inWords = (error: unknown): never => {
  if (error instanceof BackupError) throw new Refused(error.message);
  const { syscall, code = '', message } = error as NodeJS.ErrnoException;
  // A lost connection is not an error of the file.
  throw syscall && !/^ECONN|^EPIPE/.test(code) ? new Refused(`The file cannot be used: ${message}.`) : error;
};

const total = (rows: Record<string, number>) => Object.values(rows).reduce((sum, count) => sum + count, 0);

/** The keys are not in the backup, so that a person who finds the backup cannot open it. */
function whereTheKeysAre(): string {
  const file = join(env().DATA_DIR, 'secrets.json');
  return existsSync(file)
    ? `not in it: keep a copy of ${file} elsewhere`
    : 'not in it: AUTH_SECRET and SEALING_KEY are yours to keep';
}

export const backupCommands: Record<string, Command> = {
  backup: command('writes the whole database into a file, while the product runs', FILE, ofFile, async ({ file }) => {
    if (existsSync(file)) throw new Refused(`There is a file ${file} already.`);
    const { head, rows } = await writeBackup(directUrl(), file, seal('opens', PURPOSE)).catch(inWords);
    const { size } = await stat(file);
    return {
      file,
      bytes: size,
      madeAt: head.madeAt,
      schema: head.migration.tag,
      rows: total(rows),
      keys: whereTheKeysAre(),
    };
  }),
  restore: command(
    'reads a backup into an empty database, and verifies every audit log',
    FILE,
    ofFile,
    async ({ file }) => {
      if (!existsSync(file)) throw new Refused(`There is no file ${file}.`);
      const isOwnKey = (proof: string) => unseal(proof, PURPOSE) !== null;
      const { head, rows, sessionsEnded } = await readBackup(directUrl(), file, isOwnKey).catch(inWords);
      await db.execute(sql`analyze`);
      return { madeAt: head.madeAt, rows: total(rows), sessionsEnded, auditLogs: await verifyAll() };
    },
    // The restore deletes what a first start sealed with another key.
    { anyKey: true },
  ),
};

/** A tenant's broken audit log undoes nothing: it was broken when the backup was made. */
async function verifyAll() {
  const broken: { tenant: string; words: string }[] = [];
  const all = await acrossTenants(() =>
    db.select({ id: tenants.id, slug: tenants.slug }).from(tenants).orderBy(tenants.slug),
  );
  for (const { id, slug } of all) {
    const verdict = await verifyChain(id);
    if (verdict.broken) broken.push({ tenant: slug, words: verdict.broken.words });
  }
  return { whole: all.length - broken.length, broken };
}
